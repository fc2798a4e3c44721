using Switcher.Efi.Cpu;

namespace Switcher.Tests.Guest.Devices;

/// <summary>The pair of 8259A interrupt controllers, which the guest only silences.</summary>
internal static class Pic
{
    private const ushort MasterCommand = 0x20;
    private const ushort MasterData = 0x21;
    private const ushort SlaveCommand = 0xA0;
    private const ushort SlaveData = 0xA1;

    /// <summary>Both masks, the slave's in the high byte.</summary>
    public static ushort Masks => (ushort)(Instructions.In8(MasterData) | (Instructions.In8(SlaveData) << 8));

    /// <summary>Interrupts in service, the slave's in the high byte: 8259A data sheet, operation command word 3.</summary>
    public static ushort InService
    {
        get
        {
            const byte readInService = 0x0B;
            Instructions.Out8(MasterCommand, readInService);
            Instructions.Out8(SlaveCommand, readInService);
            return (ushort)(Instructions.In8(MasterCommand) | (Instructions.In8(SlaveCommand) << 8));
        }
    }

    /// <summary>Initialises both (data sheet, initialization command words) and masks every line.</summary>
    public static void Silence()
    {
        Instructions.Out8(MasterCommand, 0x11);
        Instructions.Out8(SlaveCommand, 0x11);
        Instructions.Out8(MasterData, 0x20);
        Instructions.Out8(SlaveData, 0x28);
        Instructions.Out8(MasterData, 0x04);
        Instructions.Out8(SlaveData, 0x02);
        Instructions.Out8(MasterData, 0x01);
        Instructions.Out8(SlaveData, 0x01);
        Instructions.Out8(MasterData, 0xFF);
        Instructions.Out8(SlaveData, 0xFF);
    }
}

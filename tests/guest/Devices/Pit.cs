using Switcher.Efi.Cpu;

namespace Switcher.Tests.Guest.Devices;

/// <summary>Counter 0 of the 8254 timer, which runs at 1.193182 MHz.</summary>
internal static class Pit
{
    private const ushort Counter0 = 0x40;
    private const ushort Control = 0x43;

    /// <summary>Lets it interrupt about every millisecond.</summary>
    public static void Start()
    {
        const byte rateGenerator = 0x34;
        const ushort count = 1193;
        Instructions.Out8(Control, rateGenerator);
        Instructions.Out8(Counter0, count & 0xFF);
        Instructions.Out8(Counter0, count >> 8);
    }

    /// <summary>Mode 0 without a count: its output stays low.</summary>
    public static void Stop() => Instructions.Out8(Control, 0x30);
}

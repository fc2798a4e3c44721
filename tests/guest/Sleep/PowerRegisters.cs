using Switcher.Efi.Cpu;
using Switcher.Tests.Guest.Acpi;

namespace Switcher.Tests.Guest.Sleep;

/// <summary>The PM1 and GPE0 registers: ACPI 6.5, 4.8.3 "ACPI Fixed Hardware Registers". All of them at ports.</summary>
internal static class PowerRegisters
{
    public const ushort WakeStatus = 1 << 15;
    public const ushort PowerButton = 1 << 8;
    public const ushort RtcAlarm = 1 << 10;
    public const ushort SleepEnable = 1 << 13;
    private const ushort SleepTypeMask = 7 << 10;

    public static ushort StatusPort => (ushort)Tables.Hardware.Pm1aEvt.Address;

    public static ushort EnablePort => (ushort)(StatusPort + (Tables.Hardware.Pm1EvtLength / 2));

    public static ushort ControlPort => (ushort)Tables.Hardware.Pm1aCnt.Address;

    public static ushort ControlPortB => (ushort)Tables.Hardware.Pm1bCnt.Address;

    public static ushort ReadStatus() => Instructions.In16(StatusPort);

    /// <summary>Status bits clear by writing ones.</summary>
    public static void ClearStatus(ushort bits) => Instructions.Out16(StatusPort, bits);

    /// <summary>PM1_CNT with a sleep type in place of its own, and SLP_EN off.</summary>
    public static ushort ControlWithType(byte type)
    {
        uint control = Instructions.In16(ControlPort);
        return (ushort)((control & ~(uint)(SleepTypeMask | SleepEnable)) | ((uint)type << 10));
    }

    /// <summary>Clears and disables all general-purpose events of block 0.</summary>
    public static void SilenceEvents()
    {
        ushort half = (ushort)(Tables.Gpe0Length / 2);
        for (ushort i = 0; i < half; i++)
        {
            Instructions.Out8((ushort)(Tables.Gpe0Port + half + i), 0);
            Instructions.Out8((ushort)(Tables.Gpe0Port + i), 0xFF);
        }
    }
}

using Switcher.Hv.Cpu;

namespace Switcher.Hv.Devices;

/// <summary>The ACPI fixed hardware of this machine: ACPI 6.5, 4.8.3 Fixed Hardware Registers. All of it in I/O space.</summary>
public struct PowerManagement
{
    /// <summary>Ports of the event blocks, 0 if there is none. The first half of a block is status, the second half enable.</summary>
    public ushort Pm1aEvent;
    public ushort Pm1bEvent;

    /// <summary>Bytes of each event block: PM1_EVT_LEN, at least 4.</summary>
    public byte Pm1EventLength;

    /// <summary>Ports of the control blocks; PM1b 0 if there is none.</summary>
    public ushort Pm1aControl;
    public ushort Pm1bControl;

    /// <summary>Ports and bytes of the general-purpose event blocks, 0 if there is none; status first, enable second.</summary>
    public ushort Gpe0;
    public byte Gpe0Length;
    public ushort Gpe1;
    public byte Gpe1Length;

    /// <summary>FADT RESET_REG where it is in I/O space, and its value; 0 if there is none.</summary>
    public ushort ResetPort;
    public byte ResetValue;

    /// <summary>
    /// SLP_TYP values of <c>\_S1</c>, <c>\_S3</c>, <c>\_S4</c>, <c>\_S5</c> for PM1a and PM1b. In S1 the hardware keeps everything, the
    /// hypervisor included (ACPI 6.5, 16.1.1 S1 Sleeping State); S2 loses the CPUs' state as S3 does, and no system asks for it.
    /// </summary>
    public SleepType S1;
    public SleepType S3;
    public SleepType S4;
    public SleepType S5;
}

/// <summary>The values that select one sleep state: ACPI 6.5, 7.4.2 \_Sx System States.</summary>
public struct SleepType
{
    public bool IsPresent;

    /// <summary>SLP_TYP for PM1a_CNT, 0 to 7.</summary>
    public byte A;

    /// <summary>SLP_TYP for PM1b_CNT, 0 to 7.</summary>
    public byte B;
}

/// <summary>ACPI 6.5, 4.8.3.1 PM1 Event Grouping: bits of PM1_STS and PM1_EN.</summary>
public static class Pm1Event
{
    public const ushort PowerButton = 1 << 8;
    public const ushort SleepButton = 1 << 9;
    public const ushort Rtc = 1 << 10;
    public const ushort PciExpressWakeDisable = 1 << 14;

    /// <summary>WAK_STS, in PM1_STS only.</summary>
    public const ushort Wake = 1 << 15;
}

public abstract partial class Machine<TPlatform>
{
    /// <summary>Reads and writes of the fixed hardware.</summary>
    public static class FixedHardware
    {
        /// <summary>PM1_STS of both blocks, merged.</summary>
        public static ushort ReadStatus(in PowerManagement power)
        {
            uint status = power.Pm1aEvent == 0 ? 0 : TPlatform.In(power.Pm1aEvent, 2);
            if (power.Pm1bEvent != 0)
                status |= TPlatform.In(power.Pm1bEvent, 2);
            return (ushort)status;
        }

        /// <summary>PM1_EN of both blocks, merged.</summary>
        public static ushort ReadEnable(in PowerManagement power)
        {
            uint enable = power.Pm1aEvent == 0 ? 0 : TPlatform.In((ushort)(power.Pm1aEvent + (power.Pm1EventLength / 2)), 2);
            if (power.Pm1bEvent != 0)
                enable |= TPlatform.In((ushort)(power.Pm1bEvent + (power.Pm1EventLength / 2)), 2);
            return (ushort)enable;
        }

        /// <summary>Clears the given status bits; they are cleared by writing ones.</summary>
        public static void ClearStatus(in PowerManagement power, ushort bits)
        {
            if (power.Pm1aEvent != 0)
                TPlatform.Out(power.Pm1aEvent, bits, 2);
            if (power.Pm1bEvent != 0)
                TPlatform.Out(power.Pm1bEvent, bits, 2);
        }

        /// <summary>Enables the power button's event beside those that are enabled: it ends every sleep.</summary>
        public static void EnablePowerButton(in PowerManagement power)
        {
            if (power.Pm1aEvent == 0)
                return;
            ushort enable = (ushort)(power.Pm1aEvent + (power.Pm1EventLength / 2));
            TPlatform.Out(enable, TPlatform.In(enable, 2) | Pm1Event.PowerButton, 2);
        }

        /// <summary>
        /// Enables no event and clears all status bits, fixed and general-purpose, as they are when firmware hands over after S3
        /// (ACPI 6.5, 16.3.1 Waking: the events that were enabled for the sleeping system are no longer).
        /// </summary>
        public static void Quiesce(in PowerManagement power)
        {
            ushort half = (ushort)(power.Pm1EventLength / 2);
            if (power.Pm1aEvent != 0)
                TPlatform.Out((ushort)(power.Pm1aEvent + half), 0, 2);
            if (power.Pm1bEvent != 0)
                TPlatform.Out((ushort)(power.Pm1bEvent + half), 0, 2);
            ClearStatus(power, 0xFFFF);
            QuiesceGpe(power.Gpe0, power.Gpe0Length);
            QuiesceGpe(power.Gpe1, power.Gpe1Length);
        }

        /// <summary>Enters S5 as a system does (ACPI 6.5, 4.8.3.2.1 PM1 Control Registers): types first, then what begins it.</summary>
        public static void SwitchOff(in PowerManagement power)
        {
            const uint Enable = 1 << 13;
            uint a = SleepControl(power.Pm1aControl, power.S5.A);
            uint b = SleepControl(power.Pm1bControl, power.S5.B);
            if (power.Pm1aControl != 0)
                TPlatform.Out(power.Pm1aControl, a | Enable, 2);
            if (power.Pm1bControl != 0)
                TPlatform.Out(power.Pm1bControl, b | Enable, 2);
        }

        /// <summary>Selects a sleep type and leaves the rest of the register as it is.</summary>
        private static uint SleepControl(ushort port, byte type)
        {
            const int TypeShift = 10;
            const uint TypeAndEnable = 0xF << TypeShift;
            if (port == 0)
                return 0;
            uint value = (TPlatform.In(port, 2) & ~TypeAndEnable) | ((uint)type << TypeShift);
            TPlatform.Out(port, value, 2);
            return value;
        }

        /// <summary>True if a general-purpose event is enabled and has happened.</summary>
        public static bool IsGpePending(in PowerManagement power)
            => IsGpePending(power.Gpe0, power.Gpe0Length) || IsGpePending(power.Gpe1, power.Gpe1Length);

        private static bool IsGpePending(ushort block, byte length)
        {
            int half = length / 2;
            for (int i = 0; block != 0 && i < half; i++)
            {
                if ((TPlatform.In((ushort)(block + i), 1) & TPlatform.In((ushort)(block + half + i), 1)) != 0)
                    return true;
            }
            return false;
        }

        private static void QuiesceGpe(ushort block, byte length)
        {
            int half = length / 2;
            for (int i = 0; block != 0 && i < half; i++)
            {
                TPlatform.Out((ushort)(block + half + i), 0, 1);
                TPlatform.Out((ushort)(block + i), 0xFF, 1);
            }
        }
    }
}

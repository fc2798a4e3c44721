using Switcher.Boot.Memory;

namespace Switcher.Hv.Devices;

/// <summary>
/// The interrupt controllers and timers that every PC has, outside the CPUs. At a switch they are silenced: no interrupt that one
/// guest asked for may reach another, and the next guest's own S3 code programs them anew, as after a real S3.
/// </summary>
public struct Chipset
{
    /// <summary>Bases of the I/O APICs, from the MADT.</summary>
    public PhysicalArray<ulong> IoApics;

    /// <summary>Base of the HPET, from its table, or 0.</summary>
    public HostPhysicalAddress Hpet;
}

public abstract partial class Machine<TPlatform>
{
    /// <summary>Silences <see cref="Chipset"/>.</summary>
    public static class ChipsetQuiesce
    {
        private const ushort PicMasterCommand = 0x20;
        private const ushort PicMasterData = 0x21;
        private const ushort PicSlaveCommand = 0xA0;
        private const ushort PicSlaveData = 0xA1;
        private const ushort PitControl = 0x43;
        private const ushort RtcIndex = 0x70;
        private const ushort RtcData = 0x71;
        private const byte RtcRegisterB = 0x0B;
        private const byte RtcRegisterC = 0x0C;
        private const byte NmiDisable = 0x80;

        /// <summary>Silences all of them.</summary>
        public static void Run(in Chipset chipset)
        {
            MaskInterrupts(chipset);

            // Counter 0, both bytes, mode 0: without a count the output stays low.
            TPlatform.Out(PitControl, 0x30, 1);
            if (!chipset.Hpet.IsNull)
                StopHpet(chipset.Hpet);
            SilenceRtc();
        }

        /// <summary>Lets no device's interrupt line reach a CPU; the timers run on.</summary>
        public static void MaskInterrupts(in Chipset chipset)
        {
            for (int i = 0; i < chipset.IoApics.Count; i++)
                MaskIoApic(new HostPhysicalAddress(At(chipset.IoApics, i)));
            ResetPic();
        }

        /// <summary>
        /// 82093AA (I/O APIC) data sheet, 3.2: every redirection entry masked, edge-triggered, so that no Remote IRR stays set.
        /// </summary>
        private static void MaskIoApic(HostPhysicalAddress ioApic)
        {
            const uint Version = 1;
            const uint FirstEntry = 0x10;
            const uint Masked = 1 << 16;
            uint last = (IoApicRead(ioApic, Version) >> 16) & 0xFF;
            for (uint entry = 0; entry <= last; entry++)
            {
                IoApicWrite(ioApic, FirstEntry + (2 * entry), Masked);
                IoApicWrite(ioApic, FirstEntry + (2 * entry) + 1, 0);
            }
        }

        private static uint IoApicRead(HostPhysicalAddress ioApic, uint register)
        {
            TPlatform.WriteDevice(ioApic, register, 4);
            return (uint)TPlatform.ReadDevice(ioApic + 0x10, 4);
        }

        private static void IoApicWrite(HostPhysicalAddress ioApic, uint register, uint value)
        {
            TPlatform.WriteDevice(ioApic, register, 4);
            TPlatform.WriteDevice(ioApic + 0x10, value, 4);
        }

        /// <summary>8259A data sheet, initialization command words: clears what was in service or latched; then all lines masked.</summary>
        private static void ResetPic()
        {
            TPlatform.Out(PicMasterCommand, 0x11, 1);
            TPlatform.Out(PicSlaveCommand, 0x11, 1);
            TPlatform.Out(PicMasterData, 0x68, 1);
            TPlatform.Out(PicSlaveData, 0x70, 1);
            TPlatform.Out(PicMasterData, 0x04, 1);
            TPlatform.Out(PicSlaveData, 0x02, 1);
            TPlatform.Out(PicMasterData, 0x01, 1);
            TPlatform.Out(PicSlaveData, 0x01, 1);
            TPlatform.Out(PicMasterData, 0xFF, 1);
            TPlatform.Out(PicSlaveData, 0xFF, 1);
        }

        /// <summary>
        /// IA-PC HPET 1.0a, 2.3.4 and 2.3.8: no legacy replacement, every timer's interrupt off. The counter is left alone.
        /// </summary>
        private static void StopHpet(HostPhysicalAddress hpet)
        {
            const uint GeneralConfiguration = 0x10;
            const uint FirstTimer = 0x100;
            const uint TimerStride = 0x20;
            const ulong InterruptEnable = 1 << 2;
            const ulong FsbEnable = 1 << 14;
            uint timers = ((uint)TPlatform.ReadDevice(hpet, 4) >> 8) & 0x1F;
            for (uint timer = 0; timer <= timers; timer++)
            {
                HostPhysicalAddress configuration = hpet + FirstTimer + (timer * TimerStride);
                ulong value = TPlatform.ReadDevice(configuration, 4);
                TPlatform.WriteDevice(configuration, value & ~(InterruptEnable | FsbEnable), 4);
            }
            TPlatform.WriteDevice(hpet + GeneralConfiguration, 0, 4);
        }

        /// <summary>MC146818A, registers B and C: periodic, alarm and update interrupts off, what was pending acknowledged.</summary>
        private static void SilenceRtc()
        {
            TPlatform.Out(RtcIndex, NmiDisable | RtcRegisterB, 1);
            uint registerB = TPlatform.In(RtcData, 1);
            TPlatform.Out(RtcIndex, NmiDisable | RtcRegisterB, 1);
            TPlatform.Out(RtcData, registerB & 0x8F, 1);
            ReadRtcFlags();
        }

        /// <summary>RTC register C; reading clears it. Bit 5: the alarm time came.</summary>
        public static uint ReadRtcFlags()
        {
            TPlatform.Out(RtcIndex, NmiDisable | RtcRegisterC, 1);
            uint flags = TPlatform.In(RtcData, 1);

            // NMI stays enabled in the end: bit 7 of the index is a mask that the firmware leaves open.
            TPlatform.Out(RtcIndex, 0x0D, 1);
            return flags;
        }

        /// <summary>True if the RTC's alarm interrupt is enabled.</summary>
        public static bool IsRtcAlarmEnabled()
        {
            TPlatform.Out(RtcIndex, RtcRegisterB, 1);
            return (TPlatform.In(RtcData, 1) & 0x20) != 0;
        }
    }
}

using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;

namespace Switcher.Hv.Devices;

/// <summary>
/// Offsets of the local APIC's registers: APM vol. 2, 16.3.2 APIC Registers. In x2APIC mode register n is MSR 0x800 + n / 16.
/// </summary>
public static class ApicRegister
{
    public const uint Id = 0x20;
    public const uint TaskPriority = 0x80;
    public const uint EndOfInterrupt = 0xB0;
    public const uint LogicalDestination = 0xD0;
    public const uint DestinationFormat = 0xE0;
    public const uint SpuriousVector = 0xF0;
    public const uint InService = 0x100;
    public const uint InterruptCommandLow = 0x300;
    public const uint InterruptCommandHigh = 0x310;
    public const uint LvtTimer = 0x320;
    public const uint LvtThermal = 0x330;
    public const uint LvtPerformance = 0x340;
    public const uint LvtLint0 = 0x350;
    public const uint LvtLint1 = 0x360;
    public const uint LvtError = 0x370;
    public const uint TimerInitialCount = 0x380;
    public const uint TimerDivide = 0x3E0;
}

/// <summary>APM vol. 2, 16.3.1 Local APIC Enable: bits of the APIC base address register.</summary>
public static class ApicBase
{
    public const ulong BootCpu = 1 << 8;
    public const ulong X2ApicEnable = 1 << 10;
    public const ulong Enable = 1 << 11;
    public const ulong AddressMask = 0xF_FFFF_FFFF_F000;
}

public abstract partial class Machine<TPlatform>
{
    /// <summary>The local APIC of the CPU that executes this, in whichever mode it is.</summary>
    public static class LocalApic
    {
        private const uint Masked = 1 << 16;
        private const uint NmiAssert = 0x4400;
        private const uint StartupAssert = 0x4600;

        public static bool IsX2Apic => (TPlatform.ReadMsr(Msr.ApicBase) & ApicBase.X2ApicEnable) != 0;

        public static uint Read(HostPhysicalAddress apic, uint register) => Read(apic, IsX2Apic, register);

        public static void Write(HostPhysicalAddress apic, uint register, uint value) => Write(apic, IsX2Apic, register, value);

        // The mode does not change within one operation; asking for it at each register would be 600 instructions of a switch.
        private static uint Read(HostPhysicalAddress apic, bool isX2Apic, uint register)
            => isX2Apic ? (uint)TPlatform.ReadMsr(Msr.X2ApicFirst + (register >> 4)) : (uint)TPlatform.ReadDevice(apic + register, 4);

        private static void Write(HostPhysicalAddress apic, bool isX2Apic, uint register, uint value)
        {
            if (isX2Apic)
                TPlatform.WriteMsr(Msr.X2ApicFirst + (register >> 4), value);
            else
                TPlatform.WriteDevice(apic + register, value, 4);
        }

        /// <summary>Sends a non-maskable interrupt to one CPU.</summary>
        public static void SendNmi(HostPhysicalAddress apic, uint apicId) => Send(apic, apicId, NmiAssert);

        /// <summary>Sends a start-up interrupt to one CPU.</summary>
        public static void SendStartup(HostPhysicalAddress apic, uint apicId, byte vector) => Send(apic, apicId, StartupAssert | vector);

        /// <summary>What the guest has in the high half of the command register stays.</summary>
        private static void Send(HostPhysicalAddress apic, uint apicId, uint command)
        {
            const uint DeliveryPending = 1 << 12;
            if (IsX2Apic)
            {
                TPlatform.WriteMsr(Msr.X2ApicIcr, ((ulong)apicId << 32) | command);
                return;
            }
            uint guestHigh = Read(apic, ApicRegister.InterruptCommandHigh);
            Write(apic, ApicRegister.InterruptCommandHigh, apicId << 24);
            Write(apic, ApicRegister.InterruptCommandLow, command);
            while ((Read(apic, ApicRegister.InterruptCommandLow) & DeliveryPending) != 0)
                TPlatform.Pause();
            Write(apic, ApicRegister.InterruptCommandHigh, guestHigh);
        }

        /// <summary>
        /// Puts the APIC into the state that INIT leaves (APM vol. 2, 16.3.3 APIC register reset values), as far as software can: every
        /// local interrupt masked, nothing in service, nothing pending.
        /// </summary>
        public static void Reset(HostPhysicalAddress apic)
        {
            // An APIC that software has disabled keeps what is pending (SDM vol. 3, 11.4.7.2 Local APIC State After It Has Been Software
            // Disabled).
            const uint Enabled = 0x1FF;
            bool isX2Apic = IsX2Apic;
            Write(apic, isX2Apic, ApicRegister.TimerInitialCount, 0);
            Write(apic, isX2Apic, ApicRegister.SpuriousVector, Enabled);
            Mask(apic, isX2Apic);
            Write(apic, isX2Apic, ApicRegister.TaskPriority, 0);
            EndAllInterrupts(apic, isX2Apic);
            TPlatform.DrainInterrupts();
            EndAllInterrupts(apic, isX2Apic);
            if (!isX2Apic)
            {
                Write(apic, isX2Apic, ApicRegister.DestinationFormat, 0xFFFF_FFFF);
                Write(apic, isX2Apic, ApicRegister.LogicalDestination, 0);
            }
            Write(apic, isX2Apic, ApicRegister.SpuriousVector, 0xFF);
        }

        /// <summary>
        /// The state in which firmware hands the boot CPU over: enabled, the 8259 on LINT0, NMI on LINT1 (MP Specification 1.4, 3.6.2.2).
        /// </summary>
        public static void SetVirtualWire(HostPhysicalAddress apic)
        {
            const uint Enabled = 0x10F;
            const uint ExternalInterrupt = 0x700;
            const uint Nmi = 0x400;
            bool isX2Apic = IsX2Apic;
            Write(apic, isX2Apic, ApicRegister.SpuriousVector, Enabled);
            Write(apic, isX2Apic, ApicRegister.LvtLint0, ExternalInterrupt);
            Write(apic, isX2Apic, ApicRegister.LvtLint1, Nmi);
        }

        /// <summary>
        /// Lets the timer interrupt again and again, roughly every few milliseconds, for <see cref="ICpu.WaitForInterrupt"/>.
        /// </summary>
        public static void StartTick(HostPhysicalAddress apic, byte vector)
        {
            const uint Periodic = 1 << 17;
            const uint DivideBy128 = 0xA;
            Write(apic, ApicRegister.SpuriousVector, 0x1FF);
            Write(apic, ApicRegister.TimerDivide, DivideBy128);
            Write(apic, ApicRegister.LvtTimer, Periodic | vector);
            Write(apic, ApicRegister.TimerInitialCount, 100_000);
        }

        private static void Mask(HostPhysicalAddress apic, bool isX2Apic)
        {
            Write(apic, isX2Apic, ApicRegister.LvtTimer, Masked);
            Write(apic, isX2Apic, ApicRegister.LvtThermal, Masked);
            Write(apic, isX2Apic, ApicRegister.LvtPerformance, Masked);
            Write(apic, isX2Apic, ApicRegister.LvtLint0, Masked);
            Write(apic, isX2Apic, ApicRegister.LvtLint1, Masked);
            Write(apic, isX2Apic, ApicRegister.LvtError, Masked);
        }

        private static void EndAllInterrupts(HostPhysicalAddress apic, bool isX2Apic)
        {
            // At most one in service for each of the 16 priorities; the bound is all vectors, so that a strange device cannot hold us.
            for (int i = 0; i < 256 && IsAnyInService(apic, isX2Apic); i++)
                Write(apic, isX2Apic, ApicRegister.EndOfInterrupt, 0);
        }

        private static bool IsAnyInService(HostPhysicalAddress apic, bool isX2Apic)
        {
            uint any = 0;
            for (uint i = 0; i < 8; i++)
                any |= Read(apic, isX2Apic, ApicRegister.InService + (0x10 * i));
            return any != 0;
        }
    }
}

using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;

namespace Switcher.Hv.Devices;

/// <summary>What <c>BorrowedTimer</c> has changed, and has to put back.</summary>
public struct TimerLoan
{
    /// <summary>There is a timer to borrow: the guest has its local APIC switched on.</summary>
    public bool IsOut;

    public HeldVectors Held;
    public uint LvtTimer;
    public uint Divide;
    public uint InitialCount;
    public uint CurrentCount;

    /// <summary>IA32_TSC_DEADLINE, in that mode; 0: not armed.</summary>
    public ulong Deadline;
}

public abstract partial class Machine<TPlatform>
{
    /// <summary>
    /// The guest's local APIC timer (APM vol. 2, 16.4.1 "APIC Timer Interrupt"), borrowed for a runtime service where the CPU has no timer
    /// that is the hypervisor's: whatever the firmware does, an interrupt comes every second or so. Only the highest class of vectors gets
    /// through meanwhile. The guest's timer goes on afterwards from where it was: what it waits for comes later by what the service took.
    /// </summary>
    public static class BorrowedTimer
    {
        /// <summary>Where software expects spurious interrupts, and so sends none.</summary>
        private const byte Vector = 0xFF;

        private const byte BelowHighestClass = 0xE0;

        /// <summary>The highest class in a register for vectors 224 to 255, without <see cref="Vector"/>.</summary>
        private const uint OthersOfHighestClass = 0x7FFF_0000;

        private const uint PeriodicMode = 1 << 17;
        private const uint DeadlineMode = 1 << 18;

        /// <summary>From 0.1 s to 5 s, at the 1 GHz of an emulator down to the 24 MHz of a crystal.</summary>
        private const uint Period = 1_000_000;

        public static TimerLoan Begin(HostPhysicalAddress apic)
        {
            const uint SoftwareEnable = 1 << 8;
            if ((TPlatform.ReadMsr(Msr.ApicBase) & ApicBase.Enable) == 0
                || (LocalApic.Read(apic, ApicRegister.SpuriousVector) & SoftwareEnable) == 0)
                return default;
            var loan = new TimerLoan
            {
                IsOut = true,
                LvtTimer = LocalApic.Read(apic, ApicRegister.LvtTimer),
                Divide = LocalApic.Read(apic, ApicRegister.TimerDivide),
                InitialCount = LocalApic.Read(apic, ApicRegister.TimerInitialCount),
                CurrentCount = LocalApic.Read(apic, ApicRegister.TimerCurrentCount),
            };
            if ((loan.LvtTimer & DeadlineMode) != 0)
                loan.Deadline = TPlatform.ReadMsr(Msr.TscDeadline);
            loan.Held = LocalApicHold.Begin(apic, BelowHighestClass);
            LocalApic.StartTimer(apic, Vector, Period);
            return loan;
        }

        /// <param name="apic">The executing CPU's local APIC.</param>
        /// <param name="apicId">Its ID.</param>
        /// <param name="loan">What <see cref="Begin"/> found.</param>
        /// <param name="taken">Vectors 224 to 255 that the hypervisor has taken since, a bit each: the guest gets its own again.</param>
        public static void End(HostPhysicalAddress apic, uint apicId, in TimerLoan loan, ref uint taken)
        {
            LocalApic.Write(apic, ApicRegister.TimerInitialCount, 0);
            LocalApic.Write(apic, ApicRegister.LvtTimer, LocalApic.Masked | Vector);
            if ((LocalApic.Read(apic, ApicRegister.LastRequests) & ~OthersOfHighestClass) != 0)
                TPlatform.DrainInterrupts();
            GiveBack(apic, loan);
            LocalApicHold.End(apic, loan.Held);
            for (uint others = taken & OthersOfHighestClass; others != 0; others &= others - 1)
                LocalApic.SendInterrupt(apic, apicId, (byte)(224 + System.Numerics.BitOperations.TrailingZeroCount(others)));
            taken = 0;
        }

        /// <summary>
        /// Of a timer that fires once. One that was at its end may have been stopped before its interrupt was sent, as in QEMU, and a
        /// system without ticks would wait for it for ever: that one fires again. One interrupt too many only has the system look at its
        /// clock.
        /// </summary>
        private static uint Remaining(in TimerLoan loan) =>
            loan.CurrentCount == 0 && loan.InitialCount != 0 && (loan.LvtTimer & LocalApic.Masked) == 0 ? 1 : loan.CurrentCount;

        private static void GiveBack(HostPhysicalAddress apic, in TimerLoan loan)
        {
            LocalApic.Write(apic, ApicRegister.TimerDivide, loan.Divide);
            LocalApic.Write(apic, ApicRegister.LvtTimer, loan.LvtTimer);
            if ((loan.LvtTimer & DeadlineMode) == 0)
            {
                bool isPeriodic = (loan.LvtTimer & PeriodicMode) != 0;
                LocalApic.Write(apic, ApicRegister.TimerInitialCount, isPeriodic ? loan.InitialCount : Remaining(loan));
                return;
            }

            // The mode has to be there before the deadline is: SDM vol. 3, 11.5.4.1 "TSC-Deadline Mode". Reading makes sure of that.
            _ = LocalApic.Read(apic, ApicRegister.LvtTimer);
            if (loan.Deadline != 0)
                TPlatform.WriteMsr(Msr.TscDeadline, loan.Deadline);
        }
    }
}

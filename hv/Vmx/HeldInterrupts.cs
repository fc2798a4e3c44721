using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;
using Switcher.Hv.Vendor;
using Switcher.Hv.Vmx.Definitions;

namespace Switcher.Hv.Vmx;

/// <summary>What <c>HeldInterrupts</c> has changed.</summary>
public struct HeldInterruptState
{
    public uint TaskPriority;
    public uint Lint0;

    /// <summary>IA32_DEBUGCTL, which the firmware does without.</summary>
    public ulong DebugCtl;

    /// <summary>The guest was in the handler of a non-maskable interrupt.</summary>
    public bool IsNmiBlocked;

    /// <summary>Another one waited for the end of that.</summary>
    public bool IsNmiDue;
}

public readonly partial struct Vmx<TPlatform>
{
    /// <summary>
    /// While a guest's CPU executes the firmware, faults, PAUSE and time exit, and external interrupts stay pending, though the firmware
    /// sets RFLAGS.IF as it likes. VMX has no control for that, so the local APIC does it: the task priority holds back all vectors (SDM
    /// vol. 3, 11.8.3.1 "Task and Processor Priorities"), the mask of LINT0 those of an 8259.
    /// </summary>
    public static class HeldInterrupts
    {
        private const uint HighestPriority = 0xFF;
        private const uint Masked = 1 << 16;

        /// <summary>
        /// From 20 ms to 2 s, at a unit of 1 to 32 ticks of the time-stamp counter (SDM vol. 3, A.6): it begins anew at each entry, and
        /// only has to come some time in a loop from which nothing else exits.
        /// </summary>
        private const uint TimerUnits = 1 << 26;

        public static void Hold(ref VmxCpu own)
        {
            HostPhysicalAddress apic = Apic();
            own.Held = new HeldInterruptState
            {
                TaskPriority = Machine<TPlatform>.LocalApic.Read(apic, ApicRegister.TaskPriority),
                Lint0 = Machine<TPlatform>.LocalApic.Read(apic, ApicRegister.LvtLint0),
                DebugCtl = Vmcs.Read(VmcsGuest.DebugCtl),
                IsNmiBlocked = (Vmcs.Read(VmcsGuest.Interruptibility) & Interruptibility.BlockedByNmi) != 0,
                IsNmiDue = own.IsNmiWindowOpen && !own.IsFresh,
            };
            Machine<TPlatform>.LocalApic.Write(apic, ApicRegister.TaskPriority, HighestPriority);
            Machine<TPlatform>.LocalApic.Write(apic, ApicRegister.LvtLint0, own.Held.Lint0 | Masked);
            Intercept(ref own, true);
        }

        public static void Release(ref VmxCpu own)
        {
            HeldInterruptState held = own.Held;
            Intercept(ref own, false);
            HostPhysicalAddress apic = Apic();
            Machine<TPlatform>.LocalApic.Write(apic, ApicRegister.LvtLint0, held.Lint0);
            Machine<TPlatform>.LocalApic.Write(apic, ApicRegister.TaskPriority, held.TaskPriority);
            Vmcs.Write(VmcsGuest.DebugCtl, held.DebugCtl);
            if (held.IsNmiBlocked)
                Vmcs.Write(VmcsGuest.Interruptibility, Interruptibility.BlockedByNmi);
            if (held.IsNmiDue)
                GuestEvents.OpenNmiWindow(ref own);
        }

        private static void Intercept(ref VmxCpu own, bool isService)
        {
            own.IsService = isService;
            Vmcs.Write(VmcsControl.PinControls, own.Pin);
            Vmcs.Write(VmcsControl.PrimaryControls, own.Primary);
            if (own.HasPreemptionTimer)
                Vmcs.Write(VmcsGuest.PreemptionTimer, TimerUnits);
            Vmcs.Write(VmcsControl.ExceptionBitmap, isService ? ServiceFaults.Mask : 0);
        }

        private static HostPhysicalAddress Apic() => new(TPlatform.ReadMsr(Msr.ApicBase) & ApicBase.AddressMask);
    }
}

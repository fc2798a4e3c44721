using System.Threading;
using Switcher.Hv.Cpu;
using Switcher.Hv.State;
using Switcher.Hv.Vendor;
using Switcher.Hv.Vmx.Definitions;

namespace Switcher.Hv.Vmx;

public readonly partial struct Vmx<TPlatform>
{
    /// <summary>Exceptions and non-maskable interrupts on their way into the guest in the current VMCS, and what blocks them.</summary>
    public static class GuestEvents
    {
        private const Interruptibility InstructionShadow = Interruptibility.BlockedBySti | Interruptibility.BlockedByMovSs;

        /// <summary>
        /// Has the CPU exit before the first instruction of a state that is new: an INIT that it holds, for it blocks them in the
        /// hypervisor and while it waits for its start-up (SDM vol. 3, 24.8 "Restrictions on VMX Operation"), comes out then. It is older
        /// than the state: the guest's before, or the one that a start-up followed.
        /// </summary>
        public static void BeginState(ref VmxCpu own)
        {
            own.IsFresh = true;
            OpenNmiWindow(ref own);
        }

        /// <summary>
        /// Puts in order what an exit leaves: an event whose delivery it cut off comes again, a kick by start-up interrupt is taken for
        /// what it is.
        /// </summary>
        public static void AfterExit(ref VmxCpu own, ref VirtualCpu cpu, ref VmExit exit)
        {
            switch (exit.Kind)
            {
                case VmExitKind.Init when own.IsFresh:
                    exit.Kind = VmExitKind.None;
                    break;
                case VmExitKind.None when own.IsFresh:
                    CloseNmiWindow(ref own);
                    break;
                case VmExitKind.Nmi:
                    // The exit has taken it from the CPU already; what remains is whose it was, and to let the next one in.
                    if (Interlocked.Exchange(ref cpu.KickPending, 0) == 0)
                        cpu.GuestNmi = 1;
                    TPlatform.UnblockNmi();
                    break;
                case VmExitKind.NestedPageFault:
                    InjectAgain(exit.Information);
                    break;
                case VmExitKind.None:
                    // NMI window: the guest can take what has been waiting. A CPU that opens it behind STI (SDM vol. 3, 26.2 "Other Causes
                    // of VM Exits") would take the interrupt there too, and its handler ends the shadow; but the entry refuses the two
                    // together.
                    CloseNmiWindow(ref own);
                    EndShadow(Interruptibility.BlockedBySti);
                    cpu.GuestNmi = 1;
                    break;
                case VmExitKind.Startup:
                    // Some CPUs keep what the wait has masked until an IRET. A non-maskable interrupt that came during the wait came to a
                    // CPU that is deaf to it.
                    TPlatform.UnblockNmi();
                    cpu.GuestNmi = 0;
                    break;
                default:
                    break;
            }
        }

        /// <summary>An instruction of the guest is over: its interrupt shadow ends, and a single step is due if the guest steps.</summary>
        public static void AfterInstruction()
        {
            const ulong SingleStep = 1 << 14;
            const ulong OnlyBranches = 1 << 1;
            EndShadow(InstructionShadow);
            if ((Vmcs.Read(VmcsGuest.Rflags) & Rflags.Trap) != 0 && (Vmcs.Read(VmcsGuest.DebugCtl) & OnlyBranches) == 0)
                Vmcs.Write(VmcsGuest.PendingDebugExceptions, Vmcs.Read(VmcsGuest.PendingDebugExceptions) | SingleStep);
        }

        /// <summary>
        /// Gives the guest an event; its own non-maskable interrupt as soon as it can take one. INIT has taken that from a CPU that waits
        /// for its start-up.
        /// </summary>
        public static void Inject(ref VmxCpu own, in VirtualCpu cpu, GuestEvent guestEvent)
        {
            const Interruptibility Blocked = InstructionShadow | Interruptibility.BlockedByNmi;
            bool isNmi = guestEvent == GuestEvent.NonMaskableInterrupt;
            if (isNmi && cpu.Activity == CpuActivity.WaitingForStartup)
                return;
            if (isNmi && ((Vmcs.Read(VmcsGuest.Interruptibility) & Blocked) != 0
                || new EventInformation(Vmcs.Read(VmcsControl.EntryInterruptionInformation)).IsValid))
                OpenNmiWindow(ref own);
            else
                Inject(EventInformation.Of(guestEvent, GuestMode.IsProtected()), 0);
        }

        /// <summary>The guest no longer waits for a moment to take a non-maskable interrupt.</summary>
        public static void CloseNmiWindow(ref VmxCpu own)
        {
            if (!own.IsNmiWindowOpen)
                return;
            own.IsNmiWindowOpen = false;
            own.IsFresh = false;
            Vmcs.Write(VmcsControl.PrimaryControls, own.Primary);
        }

        /// <summary>Has the CPU exit as soon as the guest can take a non-maskable interrupt.</summary>
        public static void OpenNmiWindow(ref VmxCpu own)
        {
            own.IsNmiWindowOpen = true;
            Vmcs.Write(VmcsControl.PrimaryControls, own.Primary | PrimaryControls.NmiWindowExiting);
        }

        private static void EndShadow(Interruptibility shadow)
        {
            Interruptibility before = Vmcs.Read(VmcsGuest.Interruptibility);
            if ((before & shadow) != 0)
                Vmcs.Write(VmcsGuest.Interruptibility, before & ~shadow);
        }

        private static void Inject(EventInformation information, uint errorCode)
        {
            Vmcs.Write(VmcsControl.EntryInterruptionInformation, information.Value);
            if (information.HasErrorCode)
                Vmcs.Write(VmcsControl.EntryExceptionErrorCode, errorCode);
        }

        private static void InjectAgain(ulong qualification)
        {
            EventInformation information = new EventInformation(Vmcs.Read(VmcsExit.IdtVectoringInformation)).Again();
            Interruptibility state = Vmcs.Read(VmcsGuest.Interruptibility);
            if (!information.IsValid)
            {
                if (EptViolation.WasUnblockingNmi(qualification))
                    Vmcs.Write(VmcsGuest.Interruptibility, state | Interruptibility.BlockedByNmi);
                return;
            }
            if (information.IsNmi)
                Vmcs.Write(VmcsGuest.Interruptibility, state & ~Interruptibility.BlockedByNmi);
            if (information.NeedsInstructionLength)
                Vmcs.Write(VmcsControl.EntryInstructionLength, Vmcs.Read(VmcsExit.InstructionLength));
            Inject(information, Vmcs.Read(VmcsExit.IdtVectoringErrorCode));
        }
    }
}

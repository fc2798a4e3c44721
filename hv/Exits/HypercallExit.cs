using Switcher.Hv.State;
using Switcher.Hv.Vendor;

namespace Switcher.Hv.Exits;

public abstract partial class ExitHandling<TPlatform, TVirtualization>
{
    /// <summary>Carries out <see cref="Hypercall"/>.</summary>
    public static class HypercallExit
    {
        public static void Handle(ref HypervisorState hypervisor, ref VirtualCpu cpu, in VmExit exit)
        {
            ulong number = cpu.Registers.Rax;
            ulong guest = cpu.Registers.Rcx;
            bool isKnown = number is Hypercall.Park or Hypercall.BeginRunPhase or Hypercall.Leave;
            bool isGuestValid = number == Hypercall.Leave || guest < (ulong)hypervisor.GuestCount;
            if (!hypervisor.IsBootPhase || !isKnown || !isGuestValid)
            {
                TVirtualization.Inject(ref cpu, GuestEvent.InvalidOpcode);
                return;
            }

            // Skipped first: a parked guest goes on behind the instruction.
            InstructionSkip.Run(ref hypervisor, ref cpu, exit);
            cpu.Registers.Rax = 0;
            switch (number)
            {
                case Hypercall.Park:
                    Park.Run(ref At(hypervisor, Domain.OfGuest((int)guest)), ref cpu);
                    break;
                case Hypercall.BeginRunPhase:
                    Park.BeginRunPhase(ref hypervisor, ref cpu, Domain.OfGuest((int)guest));
                    break;
                default:
                    cpu.IsLeaving = true;
                    break;
            }
        }
    }
}

using Switcher.Boot.Config;
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
            bool isFirmware = hypervisor.IsLoading || cpu.IsInFirmware;
            switch (cpu.Registers.Rax)
            {
                case Hypercall.Park when hypervisor.IsLoading && cpu.Registers.Rcx < (ulong)hypervisor.GuestCount:
                    int guest = (int)cpu.Registers.Rcx;
                    Skip(ref hypervisor, ref cpu, exit);
                    Park.Run(ref At(hypervisor, Domain.OfGuest(guest)), ref cpu);
                    break;
                case Hypercall.Leave when hypervisor.IsBootPhase:
                    Skip(ref hypervisor, ref cpu, exit);
                    cpu.IsLeaving = true;
                    break;
                case Hypercall.NextRequest when isFirmware:
                    Skip(ref hypervisor, ref cpu, exit);
                    FirmwareCall.Next(ref hypervisor, ref cpu);
                    break;
                case Hypercall.Report when isFirmware:
                    Skip(ref hypervisor, ref cpu, exit);
                    FirmwareControl.Report(hypervisor);
                    break;
                case Hypercall.CopyLog when isFirmware:
                    Skip(ref hypervisor, ref cpu, exit);
                    cpu.Registers.Rax = FirmwareControl.CopyLog(hypervisor, cpu.Registers.Rcx);
                    break;
                case Hypercall.SetNext when isFirmware && FirmwareControl.MayBeNext(hypervisor, cpu.Registers.Rcx):
                    Skip(ref hypervisor, ref cpu, exit);
                    FirmwareControl.SetNext(ref hypervisor, cpu.Registers.Rcx);
                    break;
                case Hypercall.SetSleep when isFirmware && FirmwareControl.IsOne(hypervisor, cpu.Registers.Rcx, cpu.Registers.Rdx):
                    Skip(ref hypervisor, ref cpu, exit);
                    FirmwareControl.SetSleep(ref hypervisor, cpu.Registers.Rcx, (SleepPolicy)cpu.Registers.Rdx);
                    break;
                case Hypercall.CallFirmware when !isFirmware:
                    FirmwareCall.Enter(ref hypervisor, ref cpu, exit);
                    break;
                default:
                    TVirtualization.Inject(ref cpu, GuestEvent.InvalidOpcode);
                    break;
            }
        }

        // First of all: who parks goes on behind the instruction.
        private static void Skip(ref HypervisorState hypervisor, ref VirtualCpu cpu, in VmExit exit)
        {
            InstructionSkip.Run(ref hypervisor, ref cpu, exit);
            cpu.Registers.Rax = 0;
        }
    }
}

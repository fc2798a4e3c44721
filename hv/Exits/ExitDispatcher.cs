using Switcher.Hv.Cpu;
using Switcher.Hv.State;
using Switcher.Hv.Switch;
using Switcher.Hv.Vendor;

namespace Switcher.Hv.Exits;

/// <summary>What is done about each kind of exit.</summary>
/// <typeparam name="TPlatform">The machine.</typeparam>
/// <typeparam name="TVirtualization">The vendor's extension.</typeparam>
public abstract partial class ExitHandling<TPlatform, TVirtualization> : Switching<TPlatform, TVirtualization>
    where TPlatform : struct, IPlatform
    where TVirtualization : struct, IVirtualization
{
    /// <summary>What the hypervisor does about each kind of exit: the whole policy on one screen.</summary>
    public static class ExitDispatcher
    {
        public static void Handle(ref HypervisorState hypervisor, ref VirtualCpu cpu, in VmExit exit)
        {
            switch (exit.Kind)
            {
                case VmExitKind.Cpuid:
                    Count(ref hypervisor, ExitReason.Cpuid);
                    CpuidExit.Handle(ref hypervisor, ref cpu, exit);
                    break;
                case VmExitKind.Io:
                    Count(ref hypervisor, ExitReason.Io);
                    IoExit.Handle(ref hypervisor, ref cpu, exit);
                    break;
                case VmExitKind.ReadMsr:
                    Count(ref hypervisor, ExitReason.Msr);
                    MsrExit.Read(ref hypervisor, ref cpu, exit);
                    break;
                case VmExitKind.WriteMsr:
                    Count(ref hypervisor, ExitReason.Msr);
                    MsrExit.Write(ref hypervisor, ref cpu, exit);
                    break;
                case VmExitKind.NestedPageFault:
                    NestedPageFaultExit.Handle(ref hypervisor, ref cpu, exit);
                    break;
                case VmExitKind.Nmi:
                    Count(ref hypervisor, ExitReason.Nmi);
                    // Run has taken it. What the sender wants is in the CPU's requests, which the run loop looks at before it enters again.
                    break;
                case VmExitKind.Smi:
                    Count(ref hypervisor, ExitReason.Smi);
                    break;
                case VmExitKind.TripleFault:
                    Count(ref hypervisor, ExitReason.TripleFault);
                    Crash.Run(ref hypervisor, ref cpu, SwitchReason.TripleFault);
                    break;
                case VmExitKind.Hypercall:
                    Count(ref hypervisor, ExitReason.Hypercall);
                    HypercallExit.Handle(ref hypervisor, ref cpu, exit);
                    break;
                case VmExitKind.VirtualizationInstruction:
                    Count(ref hypervisor, ExitReason.VirtualizationInstruction);
                    TVirtualization.Inject(ref cpu, GuestEvent.InvalidOpcode);
                    break;
                case VmExitKind.Init:
                    Count(ref hypervisor, ExitReason.Init);
                    CpuRequests.Add(ref cpu, CpuRequest.Init);
                    break;
                case VmExitKind.Startup:
                    Count(ref hypervisor, ExitReason.Startup);
                    CpuRequests.AddStartup(ref cpu, exit.Vector);
                    break;
                case VmExitKind.ControlRegister:
                    Count(ref hypervisor, ExitReason.ControlRegister);
                    break;
                case VmExitKind.ExtendedControlRegister:
                    Count(ref hypervisor, ExitReason.ExtendedControlRegister);
                    break;
                case VmExitKind.CacheInvalidation:
                    Count(ref hypervisor, ExitReason.CacheInvalidation);
                    break;
                case VmExitKind.Pause:
                    Count(ref hypervisor, ExitReason.Pause);
                    InstructionSkip.Run(ref hypervisor, ref cpu, exit);
                    FirmwareCall.CheckTime(ref hypervisor, ref cpu);
                    break;
                case VmExitKind.Time:
                    Count(ref hypervisor, ExitReason.Time);
                    FirmwareCall.CheckTime(ref hypervisor, ref cpu);
                    break;
                case VmExitKind.None:
                    break;
                default:
                    Count(ref hypervisor, ExitReason.Other);
                    UnknownExit.Handle(ref hypervisor, ref cpu, exit);
                    break;
            }
        }

        /// <summary>Counts an exit for whoever has the machine.</summary>
        public static void Count(ref HypervisorState hypervisor, ExitReason reason)
        {
            // CPUs count into the same cell: a lost count now and then is cheaper than a locked instruction on every exit.
            At(Active(hypervisor).ExitCounts, (int)reason)++;
        }
    }
}

using Switcher.Boot.Text;
using Switcher.Hv.State;
using Switcher.Hv.Vendor;

namespace Switcher.Hv.Exits;

public abstract partial class ExitHandling<TPlatform, TVirtualization>
{
    /// <summary>
    /// An exit that nothing handles: everything that is known about it goes to the log, and the guest ends. At launch, where the guest is
    /// the firmware as it was a moment ago, the CPU goes on without the hypervisor instead.
    /// </summary>
    public static class UnknownExit
    {
        public static void Handle(ref HypervisorState hypervisor, ref VirtualCpu cpu, in VmExit exit)
        {
            bool isRefused = exit.Kind == VmExitKind.InvalidState;
            var line = new LogLine(isRefused ? "ERROR the CPU refused the guest's state"u8 : "ERROR unknown exit"u8);
            DomainLog.AppendActive(ref line, hypervisor);
            line.Number("cpu"u8, (uint)cpu.Index);
            line.Hex("code"u8, exit.Code);
            line.Hex("information"u8, exit.Information);
            line.Quoted("reason"u8, TVirtualization.Explain(ref cpu, exit));
            Log(ref line);
            StateDump.Write(ref cpu);
            if (isRefused && hypervisor.IsBootPhase && cpu.HasEntered == 0)
            {
                // What the launch stub returns.
                cpu.Registers.Rax = (ulong)Status.EntryRefused;
                cpu.IsLeaving = true;
                return;
            }
            Crash.Run(ref hypervisor, ref cpu, SwitchReason.Crash);
        }
    }
}

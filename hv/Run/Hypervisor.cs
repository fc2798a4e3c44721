using System.Threading;
using Switcher.Hv.Cpu;
using Switcher.Hv.Exits;
using Switcher.Hv.State;
using Switcher.Hv.Vendor;

namespace Switcher.Hv.Run;

/// <summary>
/// What each CPU of the machine does for the rest of its days: run the guest, handle its exit, serve other CPUs' requests.
/// </summary>
/// <typeparam name="TPlatform">The machine.</typeparam>
/// <typeparam name="TVirtualization">The vendor's extension.</typeparam>
public abstract class Hypervisor<TPlatform, TVirtualization> : ExitHandling<TPlatform, TVirtualization>
    where TPlatform : struct, IPlatform
    where TVirtualization : struct, IVirtualization
{
    /// <summary>Runs this CPU's guest until the hypervisor is asked to leave the machine.</summary>
    public static void RunCpu(ref HypervisorState hypervisor, ref VirtualCpu cpu)
    {
        while (!cpu.IsLeaving)
            Step(ref hypervisor, ref cpu);
    }

    /// <summary>One entry into the guest and all that its exit brings.</summary>
    public static void Step(ref HypervisorState hypervisor, ref VirtualCpu cpu)
    {
        SwitchLog.BeforeEntry(ref hypervisor, cpu);
        VmExit exit = TVirtualization.Run(ref cpu);
        cpu.ExitTimestamp = TPlatform.ReadTimestamp();
        if (cpu.Activity == CpuActivity.Running && exit.Kind != VmExitKind.InvalidState)
            cpu.HasEntered = 1;
        SwitchLog.AfterExit(ref hypervisor, cpu);
        ExitDispatcher.Handle(ref hypervisor, ref cpu, exit);
        ServeRequests(ref hypervisor, ref cpu);
        DeliverNmi(ref cpu);
    }

    private static void ServeRequests(ref HypervisorState hypervisor, ref VirtualCpu cpu)
    {
        // What others want of the guest waits for the service's end. It is taken nevertheless: a CPU with requests does not enter.
        if (cpu.IsInFirmware)
        {
            cpu.DeferredRequests = CpuRequests.Take(ref cpu);
            if (cpu.DeferredRequests != 0)
                FirmwareCall.CheckTime(ref hypervisor, ref cpu);
            if (cpu.IsInFirmware)
                return;
        }
        int requests;
        while ((requests = CpuRequests.Take(ref cpu)) != 0)
        {
            if ((requests & CpuRequest.Init) != 0)
                Initialize(ref hypervisor, ref cpu);
            if ((requests & CpuRequest.Startup) != 0 && cpu.Activity == CpuActivity.WaitingForStartup)
                StartUp(hypervisor, ref cpu);
            if ((requests & CpuRequest.Stop) != 0)
                Rendezvous.StopHere(ref hypervisor, ref cpu);
            if ((requests & CpuRequest.Watch) != 0)
                ServiceWatch.Run(ref hypervisor, ref cpu);
        }
    }

    /// <summary>
    /// INIT: APM vol. 2, 14.1.3. The CPU waits, and what the guest left in the local APIC goes: at once, or at the start-up where that
    /// would otherwise be missed meanwhile. The boot CPU does not wait: it executes the firmware from the reset vector on (SDM vol. 3,
    /// 9.4.2 "MP Initialization Protocol Requirements and Restrictions"), which is the machine's reset.
    /// </summary>
    private static void Initialize(ref HypervisorState hypervisor, ref VirtualCpu cpu)
    {
        if (cpu.Index == 0)
        {
            Switch.Run(ref hypervisor, ref cpu, SwitchReason.Reset);
            return;
        }
        if ((TVirtualization.Gaps & VendorGaps.StartupIntercept) != 0)
            LocalApic.Reset(hypervisor.LocalApic);
        cpu.LogicalDestination = 0;
        cpu.Activity = CpuActivity.WaitingForStartup;
        TVirtualization.SetNestedRoot(ref cpu, Active(hypervisor).NestedRoot);
        TVirtualization.WaitForStartup(ref hypervisor, ref cpu);
    }

    /// <summary>
    /// Passes on a non-maskable interrupt that was not the hypervisor's, whether it came in the guest or in the hypervisor. A CPU that
    /// waits for its start-up is deaf to it, and where it waits there is no interrupt table. One that comes in the firmware is for the
    /// guest, after the service.
    /// </summary>
    public static void DeliverNmi(ref VirtualCpu cpu)
    {
        if (cpu.GuestNmi == 0)
            return;
        cpu.GuestNmi = 0;
        if (cpu.IsInFirmware)
            cpu.DeferredNmi = 1;
        else if (cpu.Activity == CpuActivity.Running)
            TVirtualization.Inject(ref cpu, GuestEvent.NonMaskableInterrupt);
    }

    private static void StartUp(in HypervisorState hypervisor, ref VirtualCpu cpu)
    {
        if ((TVirtualization.Gaps & VendorGaps.StartupIntercept) == 0)
            LocalApic.Reset(hypervisor.LocalApic);
        cpu.Activity = CpuActivity.Running;
        cpu.Registers = default;
        cpu.Fpu.Reset();

        // After INIT, EDX holds the family and stepping (APM vol. 2, table 14-1).
        cpu.Registers.Rdx = TPlatform.Cpuid(1, 0).Eax;
        TVirtualization.LoadState(ref cpu, CpuState.AfterStartup((byte)Volatile.Read(ref cpu.StartupVector)));
    }
}

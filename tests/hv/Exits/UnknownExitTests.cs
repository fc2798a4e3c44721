using System.Linq;
using Switcher.Hv.Run;
using Switcher.Hv.State;
using Switcher.Hv.Svm;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Exits;

public class UnknownExitTests
{
    /// <summary>The launch comes back with the reason, and the CPU belongs to the firmware as before.</summary>
    [Fact]
    public void InvalidState_AtTheFirstEntry_GivesTheCpuBack()
    {
        using FakeMachine machine = new FakeMachine().Launch();
        FakeCpu cpu = machine.Cpus[1];
        cpu.SetExit(SvmExitCode.Invalid, 0, 0, 0);
        cpu.Exit();
        Assert.Equal(CpuWait.Finished, cpu.Wait);
        Assert.Equal((ulong)Status.EntryRefused, cpu.Virtual.Registers.Rax);
        Assert.Equal(0, cpu.Virtual.HasEntered);
        Assert.Equal(MachineEnd.Running, machine.End);
        Assert.Contains(machine.Log, line =>
            line.StartsWith("ERROR the CPU refused the guest's state guest=firmware cpu=1", System.StringComparison.Ordinal));
    }

    /// <summary>Once the firmware has run as a guest there is no state to go back to.</summary>
    [Fact]
    public void InvalidState_LaterInTheBootPhase_ResetsTheMachine()
    {
        using FakeMachine machine = new FakeMachine().Launch();
        FakeCpu cpu = machine.Cpus[1];
        cpu.Cpuid(0);
        cpu.SetExit(SvmExitCode.Invalid, 0, 0, 0);
        cpu.Exit();
        Assert.Equal(MachineEnd.Reset, machine.End);
    }

    [Fact]
    public void InvalidState_OfAGuest_EndsItAndLogsItsRegisters()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        FakeCpu cpu = machine.Cpus[0];
        cpu.Vmcb.Tr.Base = 0x1234_5000;
        cpu.SetExit(SvmExitCode.Invalid, 0, 0, 0);
        cpu.Exit();
        machine.Settle();
        Assert.Equal(1, machine.ActiveGuest);
        string[] segments = [.. machine.Log.Where(line => line.StartsWith("INFO segment", System.StringComparison.Ordinal))];
        Assert.Equal(["es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr"], segments.Select(line => line.Split("name=")[1].Split(' ')[0]));
        Assert.Contains("base=0x12345000", segments[^1]);
    }
}

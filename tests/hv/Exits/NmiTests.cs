using System.Linq;
using Switcher.Hv.Run;
using Switcher.Hv.State;
using Switcher.Hv.Svm;
using Switcher.Hv.Vendor;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Exits;

/// <summary>Whose a non-maskable interrupt is: none of the guest's is lost, none of the hypervisor's reaches a guest.</summary>
public class NmiTests
{
    private const uint Init = 0x4500;
    private const uint Startup = 0x4600;
    private const uint NmiToAllButSelf = 0x4400 | (3 << 18);

    [Fact]
    public void Nmi_OfTheGuestInTheGuest_IsInjected()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.Cpus[0].IsNmiPending = true;
        machine.Settle();
        Assert.Equal([EventInjection.Of(GuestEvent.NonMaskableInterrupt)], machine.Cpus[0].Injected);
        Assert.False(machine.Cpus[0].IsNmiPending);
    }

    /// <summary>As Linux asks another CPU for its backtrace.</summary>
    [Fact]
    public void Nmi_FromOneCpuOfTheGuestToAnother_IsInjectedThere()
    {
        using FakeMachine machine = Running();
        machine.Cpus[0].SendInterrupt(0x4400, machine.Cpus[1].ApicId);
        machine.Settle();
        Assert.Equal([EventInjection.Of(GuestEvent.NonMaskableInterrupt)], machine.Cpus[1].Injected);
        Assert.Empty(machine.Cpus[0].Injected);
    }

    [Fact]
    public void Nmi_OfTheHypervisor_NeverReachesTheGuest()
    {
        using FakeMachine machine = Running();
        for (int i = 0; i < 5; i++)
        {
            machine.Cpus[0].SendInterrupt(Init, machine.Cpus[1].ApicId);
            machine.Cpus[0].SendInterrupt(Startup | 0x9A, machine.Cpus[1].ApicId);
            machine.Settle();
        }
        Assert.All(machine.Cpus, cpu => Assert.Empty(cpu.Injected));
        Assert.All(machine.Cpus, cpu => Assert.Equal(0, cpu.Virtual.KickPending));
    }

    /// <summary>It came while the hypervisor handled another exit of that CPU, and sits in the CPU until the next entry.</summary>
    [Fact]
    public void Nmi_OfTheGuestWhileTheHypervisorRuns_IsInjectedAfterwards()
    {
        using FakeMachine machine = Running();
        machine.Cpus[0].IsNmiBlocked = true;
        machine.Cpus[0].IsNmiPending = true;
        machine.Cpus[0].Cpuid(0);
        Assert.Empty(machine.Cpus[0].Injected);
        machine.Cpus[0].IsNmiBlocked = false;
        machine.Settle();
        Assert.Equal([EventInjection.Of(GuestEvent.NonMaskableInterrupt)], machine.Cpus[0].Injected);
    }

    /// <summary>
    /// The host takes it while it empties the local APIC of a CPU on INIT. A CPU that waits for its start-up is deaf to it, as hardware's
    /// is; where it waits there is no interrupt table of anybody's.
    /// </summary>
    [Fact]
    public void Nmi_OfTheGuestWithAnInit_IsNotInjectedIntoTheWait()
    {
        using FakeMachine machine = Running();
        machine.Cpus[0].SendInterrupt(Init, machine.Cpus[1].ApicId);
        machine.Cpus[1].Virtual.KickPending = 0;
        machine.Settle();
        Assert.Equal(CpuActivity.WaitingForStartup, machine.Cpus[1].Virtual.Activity);
        Assert.Empty(machine.Cpus[1].Injected);
    }

    [Fact]
    public void Nmi_ToWaitingCpu_DoesNotReachItsStartUpCode()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.Cpus[0].SendInterrupt(NmiToAllButSelf, 0);
        machine.Settle();
        machine.Cpus[0].SendInterrupt(Startup | 0x9A, machine.Cpus[1].ApicId);
        machine.Settle();
        Assert.Equal(CpuActivity.Running, machine.Cpus[1].Virtual.Activity);
        Assert.Empty(machine.Cpus[1].Injected);
    }

    /// <summary>A watchdog's interrupt of the guest that goes, taken while its CPU was being stopped, is not the next guest's.</summary>
    [Fact]
    public void Nmi_OfTheOldGuest_DoesNotReachTheNewOne()
    {
        using FakeMachine machine = Running();
        FakePlatform.At<uint>(machine.Guest(0).Facs + 12) = 0x9_8120;
        machine.Cpus[1].Out(0x604, 0x3400, 2);
        machine.Cpus[0].Virtual.KickPending = 0;
        machine.Settle();
        Assert.Equal(1, machine.ActiveGuest);
        Assert.All(machine.Cpus, cpu => Assert.Empty(cpu.Injected));
    }

    private static FakeMachine Running()
    {
        FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.Cpus[0].SendInterrupt(Startup | 0x9A, machine.Cpus[1].ApicId);
        machine.Settle();
        machine.Cpus[1].ContinueInLongMode();
        return machine;
    }
}

using Switcher.Hv.State;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Switch;

/// <summary>Promise 7: a guest that cannot start does not keep the others' sessions from whoever wants them.</summary>
public class RestartLimitTests
{
    /// <summary>Nobody could get at the sleeper's session, should this go on.</summary>
    [Fact]
    public void Reset_SoonAfterEachStart_EndsTheGuestTheSixthTime()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.Suspend();
        ResetAtEachStart(machine, 5);
        machine.Cpus[0].TripleFault();
        machine.Settle();
        Assert.Equal([DomainPhase.Active, DomainPhase.Off], machine.GuestPhases);
        Assert.Contains(
            "WARN the guest resets again and again soon after its start: it is off until it is asked for guest=1 name=\"guest 1\"",
            machine.Log);

        // It may try again as often once somebody wants it to.
        machine.Hypervisor.NextDomain = Domain.OfGuest(1);
        machine.Suspend();
        machine.LoadAgain(1);
        ResetAtEachStart(machine, 5);
        Assert.Equal([DomainPhase.Suspended, DomainPhase.Active], machine.GuestPhases);
    }

    /// <summary>It has worked if it slept, and if it lived for a minute.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Reset_OfAGuestThatWorksBetween_StartsItAgainForEver(bool sleeps)
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.Suspend();
        for (int i = 0; i < 5; i++)
        {
            ResetAtEachStart(machine, 4);
            if (sleeps)
            {
                machine.Suspend();
                machine.Suspend();
            }
            else
            {
                machine.Advance(61 * FakeMachine.TimestampFrequency);
            }
        }
        Assert.Equal([DomainPhase.Suspended, DomainPhase.Active], machine.GuestPhases);
    }

    /// <summary>As on a machine of its own.</summary>
    [Fact]
    public void Reset_SoonAfterEachStartOfTheLast_StartsItAgainForEver()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.ShutDown();
        ResetAtEachStart(machine, 20);
        Assert.Equal([DomainPhase.Off, DomainPhase.Active], machine.GuestPhases);
    }

    private static void ResetAtEachStart(FakeMachine machine, int count)
    {
        for (int i = 0; i < count; i++)
        {
            machine.Cpus[0].TripleFault();
            machine.Settle();
            Assert.Equal(DomainPhase.Loading, machine.Guest(1).Phase);
            machine.LoadAgain(1);
        }
    }
}

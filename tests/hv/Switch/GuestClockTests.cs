using System;
using CsCheck;
using Switcher.Hv.Devices;
using Switcher.Hv.State;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Switch;

/// <summary>Each guest finds and sets the clock in its own convention: guests 0 and 2 keep universal time, guest 1 local time.</summary>
public class GuestClockTests
{
    private const byte Century = 0x32;
    private const long Hour = 3600;

    /// <summary>The clock's oscillator and the time-stamp counter's differ by so much.</summary>
    private const double Drift = 1.003;

    [Fact]
    public void Switch_LocalTimeSetByOneGuest_IsThatGuestsAlone()
    {
        using var life = new ClockLife();
        life.Suspend();
        Assert.Equal((1, life.Universal), (life.Active, life.Shown));
        life.Set(life.Universal + (2 * Hour));
        life.Suspend();
        Assert.Equal((2, life.Universal), (life.Active, life.Shown));
        Assert.Contains("INFO local time is=ahead minutes=120", life.Log);
        life.Suspend();
        life.Suspend();
        Assert.Equal((1, life.Universal + (2 * Hour)), (life.Active, life.Shown));

        // Summer ends.
        life.Pass(10 * 24 * Hour);
        life.Set(life.Universal + Hour);
        life.Suspend();
        Assert.Equal((2, life.Universal), (life.Active, life.Shown));
        Assert.Contains("INFO local time is=ahead minutes=60", life.Log);
    }

    [Theory]
    [InlineData(0, 2 * Hour)]
    [InlineData(0, -40)]
    [InlineData(1, 40)]
    [InlineData(1, -400)]
    [InlineData(1, (2 * Hour) + 400)]
    [InlineData(1, 300 * 24 * Hour)]
    public void Switch_ClockThatWasWrong_IsRightForAll(int guest, long correction)
    {
        using var life = new ClockLife();
        while (life.Active != guest)
            life.Suspend();
        life.Set(life.Shown + correction);
        life.Suspend();
        Assert.Equal(life.Universal + correction, life.Shown);
    }

    [Fact]
    public void End_OfTheMachine_LeavesUniversalTime()
    {
        using var life = new ClockLife();
        life.Suspend();
        life.Set(life.Universal + (2 * Hour));
        life.Suspend();
        life.Machine.ShutDown();
        Assert.Equal(0, life.Active);
        life.Machine.ShutDown();
        Assert.Equal((1, life.Universal + (2 * Hour)), (life.Active, life.Shown));
        life.Machine.ShutDown();
        Assert.Equal((MachineEnd.PoweredOff, life.Universal), (life.Machine.End, life.Shown));
    }

    [Fact]
    public void Restart_OfAGuestThatKeepsLocalTime_GivesTheFirmwareUniversalTime()
    {
        using var life = new ClockLife();
        life.Suspend();
        life.Set(life.Universal + (2 * Hour));
        life.Machine.Cpus[0].TripleFault();
        life.Machine.Settle();
        Assert.Equal((true, life.Universal), (life.Machine.Hypervisor.IsLoading, life.Shown));
    }

    [Fact]
    public void Switch_ClockWithoutDate_IsLeftAloneWithAWarning()
    {
        using var life = new ClockLife();
        life.Machine.Legacy.Clock[8] = 0;
        life.Suspend();
        life.Suspend();
        Assert.Single(life.Log, line => line.StartsWith("WARN the real-time clock cannot be read", StringComparison.Ordinal));
        Assert.Equal(0, life.Machine.Legacy.Clock[8]);
    }

    /// <summary>Where all keep the same time, nobody but they touches the clock.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Switch_AllAlike_ReadsNoClock(bool keepLocalTime)
    {
        using var life = new ClockLife(keepLocalTime);
        life.Machine.Legacy.Clock[8] = 0;
        life.Suspend();
        Assert.DoesNotContain(life.Log, line => line.Contains("clock", StringComparison.Ordinal));
    }

    [Fact]
    public void Switch_AnyLife_KeepsTwoTimes() =>
        Gen.Select(Gen.Int[0, 3], Gen.Long[1, 20 * 24 * Hour], Gen.Int[-56, 56]).Array[1, 30].Sample(events =>
        {
            using var life = new ClockLife();
            long offset = 0;
            foreach ((int what, long time, int quarters) in events)
            {
                life.Pass(time);
                if (what == 0 && life.Active == 1)
                    life.Set(life.Universal + (offset = quarters * 900));
                life.Suspend();
                long expected = life.Universal + (life.Active == 1 ? offset : 0);
                Assert.InRange(life.Shown - expected, -1, 1);
            }
        }, iter: 200);

    /// <summary>A machine with a clock that goes, and three guests.</summary>
    private sealed class ClockLife : IDisposable
    {
        private long _time = new DateTimeOffset(2027, 3, 27, 23, 30, 0, TimeSpan.Zero).ToUnixTimeSeconds();

        public ClockLife(bool? keepLocalTime = null)
        {
            Machine = new FakeMachine(new MachineOptions { Guests = 3 });
            Machine.Legacy.Clock[0x0B] = 2;
            Write(_time);
            Machine.Launch();
            for (int i = 0; i < 3; i++)
                Machine.Guest(i).KeepsLocalTime = keepLocalTime ?? i == 1;
            Machine.Hypervisor.Clock.Century = Century;
            Machine.Hypervisor.Clock.Frequency = FakeMachine.TimestampFrequency;
            Machine.Hypervisor.Clock.Precision = MachineClock.FirstPrecision;
            Machine.Hypervisor.Clock.IsShared = keepLocalTime is null;
            Machine.BootGuests();
            Pass(Hour);
        }

        public FakeMachine Machine { get; }

        public int Active => Machine.ActiveGuest;

        public string[] Log => [.. Machine.Log];

        /// <summary>The time as it is.</summary>
        public long Universal => _time;

        public long Shown
        {
            get
            {
                Assert.True(Machine<FakePlatform>.RealTimeClock.TryRead(Century, out long seconds));
                return seconds;
            }
        }

        public void Suspend() => Machine.Suspend();

        /// <summary>The active guest sets the clock.</summary>
        public void Set(long seconds) => Write(seconds);

        public void Pass(long seconds)
        {
            Write(Shown + seconds);
            _time += seconds;
            Machine.Advance((ulong)(seconds * Drift * FakeMachine.TimestampFrequency));
        }

        public void Dispose() => Machine.Dispose();

        private static void Write(long seconds) => Machine<FakePlatform>.RealTimeClock.Write(Century, seconds);
    }
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Emulators;
using Switcher.Runner.Guests;
using Switcher.Runner.Report;
using Xunit;

namespace Switcher.Tests.Runner;

public sealed class SwitchRoundsTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private readonly string _folder = Directory.CreateTempSubdirectory("switcher-test-").FullName;
    private readonly Lines _timeline = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Rounds_TwoGuests_GiveTwoSwitchesEach()
    {
        SwitchRounds rounds = await RunAsync(new FakeMachine("cloud", "full"), rounds: 3);
        Assert.Equal(6, rounds.Switches.Count);
        Assert.Equal(["cloud", "full", "cloud", "full", "cloud", "full"], rounds.Switches.Select(one => one.From));
        SwitchRecord first = rounds.Switches[0];
        Assert.Equal((true, 5000L, 5.0, null, null),
            (first.First, first.HypervisorTicks, first.HypervisorUs, first.MemoryIntact, first.FilesIntact));
        Assert.All(rounds.Switches.Skip(1), one => Assert.Equal((false, true, true), (one.First, one.MemoryIntact, one.FilesIntact)));

        // Agents and hypervisor are heard on two lines, and so times that are nothing here can come out as less than nothing.
        Assert.All(rounds.Switches, one => Assert.True(one is { SuspendMs: not null, ResumeMs: not null }));
        Assert.Equal([2, 2], rounds.States.Select(state => state.CpusOnline));
        Assert.Contains(_timeline.Told, line => line.StartsWith("switch 6 full → cloud"));
    }

    [Fact]
    public async Task Rounds_ThreeGuests_SuspendEachOnceARound()
    {
        SwitchRounds rounds = await RunAsync(new FakeMachine("a", "b", "c"), rounds: 2);
        Assert.Equal(["a", "b", "c", "a", "b", "c"], rounds.Switches.Select(one => one.From));
    }

    [Fact]
    public async Task Rounds_OutcomeOfAGoodRun_IsReported()
    {
        var fake = new FakeMachine("cloud", "full");
        var machine = new Machine(fake, _folder);
        fake.Boot();
        var rounds = new SwitchRounds(machine, Guests("cloud", "full"), 2, _timeline);
        using var limit = new CancellationTokenSource(Limit);
        await rounds.RunAsync(1, limit.Token);
        await machine.DisposeAsync();
        RunReport report = RunOutcome.Report(null, "qemu", "svm", 2, 2048, machine.Hypervisor, rounds);
        Assert.True(report.Ok);
        Assert.Equal(new HypervisorRecord(241664, 16777216), report.Hypervisor);
        Assert.Equal(["cloud", "full"], report.Guests.Select(guest => guest.Name));
        Assert.Equal([new RangeRecord("0x20000000", 0x10000000)], report.Guests[1].Ranges);
        Assert.Equal(2, report.Switches.Count);

        // The latest counts of each guest, added up; the counter of time stamps is no exit.
        Assert.Equal(new Dictionary<string, long> { ["CPUID"] = 300, ["IOIO"] = 3 }, report.Exits);
        Assert.Contains("STEP boot guest=0", await File.ReadAllTextAsync(Path.Combine(_folder, "hypervisor.log")));
    }

    [Fact]
    public async Task Rounds_WordsOfMemoryDiffer_FailWithTheAddress()
    {
        var fake = new FakeMachine("cloud", "full");
        fake.Override = (_, sequence, words) => words[0] == "check"
            && Say(fake, sequence, "wrong=3 physical=0x1234 expected=0x1 found=0x2");
        MachineFailure failure = await FailAsync(fake);
        Assert.Equal("cloud lost memory: 3 words differ, the first at physical address 0x1234 (0x2 in place of 0x1)", failure.Message);
    }

    [Fact]
    public async Task Rounds_FileContentDiffers_Fail()
    {
        var fake = new FakeMachine("cloud", "full");
        fake.Override = (_, sequence, words) => words[0] == "check-files" && Say(fake, sequence, "wrong=8");
        Assert.Equal("cloud lost file content: 8 words of 8 bytes differ", (await FailAsync(fake)).Message);
    }

    /// <summary>
    /// One CPU answers twice, which counts once. The machine ends then, since a run that waits for the other one in vain takes minutes to
    /// say so.
    /// </summary>
    [Fact]
    public async Task Rounds_CpuOutsideTheHypervisor_IsWaitedForInVain()
    {
        var fake = new FakeMachine("cloud", "full");
        fake.Override = (_, sequence, words) =>
        {
            if (words[0] != "probe")
                return false;
            fake.Log($"INFO probe guest={fake.Active} cpu=0 value={words[1]}");
            fake.Log($"INFO probe guest={fake.Active} cpu=0 value={words[1]}");
            Say(fake, sequence, "cpus=2");
            fake.End(EmulatorEnd.PowerOff);
            return true;
        };
        Assert.Equal(
            "the machine ended while waiting for the hypervisor to see 1 more of the 2 CPUs of cloud", (await FailAsync(fake)).Message);
    }

    /// <summary>
    /// The guest has answered, and the machine would run on: nothing but the panic ends the run, and it is not taken for what follows from
    /// it.
    /// </summary>
    [Fact]
    public async Task Machine_HypervisorPanics_EndsTheRunThoughTheMachineRunsOn()
    {
        var fake = new FakeMachine("cloud", "full");
        fake.Override = (_, sequence, words) =>
        {
            if (words[0] != "probe")
                return false;
            fake.Log("PANIC page fault");
            fake.Log("ERROR what follows from it");
            return Say(fake, sequence, "cpus=2");
        };
        Assert.Equal("the hypervisor panicked: PANIC page fault", (await FailAsync(fake)).Message);
        Assert.Equal(EmulatorEnd.Stopped, await fake.Ended);
    }

    [Fact]
    public async Task Rounds_CpuThatStaysOffline_Fails() =>
        Assert.Equal("cloud has 1 of 2 CPUs", (await FailAsync(new FakeMachine("cloud", "full") { Cpus = 1 })).Message);

    [Fact]
    public async Task Rounds_GuestThatCannotSuspend_FailWithItsReason()
    {
        var fake = new FakeMachine("cloud", "full");
        fake.Override = (_, sequence, words) =>
        {
            if (words[0] != "suspend")
                return false;
            fake.Say(fake.Active, $"suspending seq={sequence}");
            fake.Say(fake.Active, $"error seq={sequence} reason=\"errno 16\"");
            return true;
        };
        Assert.Equal("cloud cannot suspend: errno 16", (await FailAsync(fake)).Message);
    }

    [Fact]
    public async Task Rounds_GuestThatWakesByItself_Fail()
    {
        var fake = new FakeMachine("cloud", "full");
        fake.Override = (_, sequence, words) =>
        {
            if (words[0] != "suspend")
                return false;
            fake.Say(fake.Active, $"suspending seq={sequence}");
            fake.Say(fake.Active, $"awake seq={sequence}");
            return true;
        };
        Assert.Equal("cloud woke without a switch", (await FailAsync(fake)).Message);
    }

    [Theory]
    [InlineData("PANIC page fault", "the hypervisor panicked: PANIC page fault")]
    [InlineData("ERROR guest 0 touched memory that is not its own",
        "the hypervisor reported an error: ERROR guest 0 touched memory that is not its own")]
    [InlineData("STEP firmware version=\"Switcher 0.1.0\" image=0x1", "the machine was reset: the hypervisor started a second time")]
    [InlineData("STEP refused reason=\"this CPU has no SVM\"", "Switcher refused: this CPU has no SVM")]
    public async Task Machine_BadLineInTheLog_FailsWhateverIsWaitedFor(string line, string message)
    {
        var fake = new FakeMachine("cloud", "full");
        fake.Override = (_, _, words) =>
        {
            if (words[0] != "fill")
                return false;
            fake.Log(line);
            return true;
        };
        Assert.Equal(message, (await FailAsync(fake)).Message);
    }

    [Theory]
    [InlineData("!!!! X64 Exception Type - 0E(#PF - Page-Fault)  CPU Apic ID - 00000000 !!!!",
        "the firmware stopped in an exception: X64 Exception Type - 0E(#PF - Page-Fault)  CPU Apic ID - 00000000")]
    [InlineData("[    3.1] Kernel panic - not syncing: sysrq", "a guest crashed: [    3.1] Kernel panic - not syncing: sysrq")]
    public async Task Machine_CrashOnTheConsole_FailsWhateverIsWaitedFor(string line, string message)
    {
        var fake = new FakeMachine("cloud", "full");
        fake.Override = (_, _, words) =>
        {
            if (words[0] == "fill")
                fake.Print(line);
            return words[0] == "fill";
        };
        Assert.Equal(message, (await FailAsync(fake)).Message);
    }

    [Theory]
    [InlineData(EmulatorEnd.Reset, "the machine was reset")]
    [InlineData(EmulatorEnd.Died, "the emulator fake died")]
    [InlineData(EmulatorEnd.PowerOff, "the machine ended while waiting for cloud to answer 'fill'")]
    public async Task Machine_ThatEnds_FailsWhateverIsWaitedFor(EmulatorEnd end, string message)
    {
        var fake = new FakeMachine("cloud", "full");
        fake.Override = (_, _, words) =>
        {
            if (words[0] == "fill")
                fake.End(end);
            return words[0] == "fill";
        };
        Assert.Equal(message, (await FailAsync(fake)).Message);
    }

    [Fact]
    public async Task EventLog_SilentMachine_FailsWithWhatIsWaitedFor()
    {
        var log = new EventLog<string>(new MachineClock(), new MachineFault(), TimeSpan.FromMilliseconds(50));
        MachineFailure failure = await Assert.ThrowsAsync<MachineFailure>(
            () => log.FromStart().NextAsync("the milkman", _ => true, CancellationToken.None));
        Assert.Equal("nothing happened for 0 s while waiting for the milkman", failure.Message);
    }

    [Fact]
    public async Task Machine_ThatIsAllowedToReset_EndsInOrder()
    {
        var fake = new FakeMachine("cloud");
        await using var machine = new Machine(fake, _folder, MachineExpectations.Reset);
        fake.Boot();
        await machine.Hypervisor.StepAsync("boot", CancellationToken.None);
        Assert.Equal("cloud", machine.Hypervisor.ActiveGuest);
        fake.End(EmulatorEnd.Reset);
        Assert.Equal(EmulatorEnd.Reset, await machine.EndAsync(CancellationToken.None));
        Assert.Null(machine.Failure);
    }

    private static bool Say(FakeMachine fake, string sequence, string text)
    {
        fake.Say(fake.Active, $"done seq={sequence} {text}");
        return true;
    }

    private static Guest[] Guests(params string[] names) => [.. names.Select(name => new Guest(name, @"\x.efi", "", HasAgent: true))];

    private async Task<MachineFailure> FailAsync(FakeMachine fake) =>
        await Assert.ThrowsAsync<MachineFailure>(() => RunAsync(fake, rounds: 2));

    private async Task<SwitchRounds> RunAsync(FakeMachine fake, int rounds)
    {
        await using var machine = new Machine(fake, _folder);
        fake.Boot();
        var conversation = new SwitchRounds(machine, Guests(fake.Guests), 2, _timeline);
        using var limit = new CancellationTokenSource(Limit);
        await conversation.RunAsync(rounds, limit.Token);
        return conversation;
    }

    private sealed class Lines : ITimeline
    {
        public List<string> Told { get; } = [];

        public void Tell(TimeSpan time, string who, string what) => Told.Add($"{who} {what}");

        public void Doing(string what)
        {
        }
    }
}

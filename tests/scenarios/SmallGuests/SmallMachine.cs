using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Emulators;
using Xunit;

namespace Switcher.Tests.Scenarios.SmallGuests;

/// <summary>A machine with small guests: waits for what they and the hypervisor say, and judges it.</summary>
/// <param name="machine">The machine.</param>
internal sealed class SmallMachine(Machine machine)
{
    private readonly EventLog<LogLine>.Cursor _log = machine.Hypervisor.Events.FromStart();

    public Machine Machine => machine;

    /// <summary>All that was said by now.</summary>
    public IEnumerable<LogLine> Lines => machine.Hypervisor.Events.Snapshot().Select(entry => entry.Value);

    /// <summary>Waits for the next line of a kind. A guest that finds anything wrong ends the wait.</summary>
    public async Task<LogLine> NextAsync(string what, Func<LogLine, bool> wanted, CancellationToken cancel)
    {
        LogLine line = (await _log.NextAsync(what, line => IsBad(line) || wanted(line), cancel)).Value;
        return wanted(line) ? line : throw new MachineFailure(line.Text);
    }

    /// <summary>Waits for a guest's next wake.</summary>
    public Task<LogLine> AwakeAsync(string guest, CancellationToken cancel) =>
        NextAsync($"{guest} to wake", line => line.Is("GUEST", "awake") && line["guest"] == guest, cancel);

    /// <summary>Waits for the next switch.</summary>
    public Task<LogLine> SwitchAsync(CancellationToken cancel) => NextAsync("a switch", line => line.IsStep("switch"), cancel);

    /// <summary>Waits until the last guest has powered the machine off, and looks at everything that was said.</summary>
    /// <param name="guests">Those whose verdict must be there, and good.</param>
    public async Task PowerOffAsync(IEnumerable<string> guests, CancellationToken cancel)
    {
        await NextAsync("the machine to be switched off", line => line.IsStep("off"), cancel);
        Assert.Equal(EmulatorEnd.PowerOff, await machine.EndAsync(cancel));
        AssertVerdicts(guests);
        AssertProbes();
    }

    /// <summary>The same where no hypervisor is: no CPU that a guest has probed has answered.</summary>
    public async Task NativePowerOffAsync(string guest, CancellationToken cancel)
    {
        await NextAsync($"{guest} to give its verdict", line => line.Is("GUEST", "done"), cancel);
        Assert.Equal(EmulatorEnd.PowerOff, await machine.EndAsync(cancel));
        AssertVerdicts([guest]);
        Assert.Contains(Lines, line => line.Is("GUEST", "probe"));
        Assert.DoesNotContain(Lines, line => line.Is("INFO", "probe"));
    }

    /// <summary>Each of the guests has given its verdict, at each of its starts, and nothing was wrong with any guest.</summary>
    public void AssertVerdicts(IEnumerable<string> guests)
    {
        Assert.Empty(Lines.Where(IsBad).Select(line => line.Text));
        foreach (string guest in guests)
        {
            var verdicts = Lines.Where(line => line.Is("GUEST", "done") && line["guest"] == guest).Select(line => line["result"]).ToList();
            Assert.Equal(Enumerable.Repeat("ok", Lines.Count(line => line.Is("GUEST", "ready") && line["guest"] == guest)), verdicts);
            Assert.NotEmpty(verdicts);
        }
    }

    /// <summary>
    /// Every CPU runs under the hypervisor, after the boot and after each switch: each of a guest's probes shows up in the hypervisor's log
    /// once for each CPU.
    /// </summary>
    public void AssertProbes()
    {
        LogLine[] lines = [.. Lines];
        Assert.Contains(lines, line => line.Is("GUEST", "probe"));
        foreach (LogLine probe in lines.Where(line => line.Is("GUEST", "probe")))
        {
            long number = probe.Number("n") ?? -1;
            var seen = lines.Where(line => line.Is("INFO", "probe")
                && machine.Hypervisor.NameOf(line.Number("guest") ?? -1) == probe["guest"] && line.Number("value") >> 16 == number)
                .ToList();
            Assert.Equal(probe.Number("cpus"), seen.Select(line => line["cpu"]).Distinct().Count());
            Assert.Equal(probe.Number("cpus"), seen.Count);
        }
    }

    private static bool IsBad(LogLine line) => line.Is("GUEST", "bad");
}

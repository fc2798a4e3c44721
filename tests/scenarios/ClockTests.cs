using System;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Guests;
using Xunit;

namespace Switcher.Tests.Scenarios;

/// <summary>Two systems that keep the machine's clock in different conventions: each finds it as it left it.</summary>
public sealed class ClockTests
{
    private const int Zone = 2 * 60 * 60;

    /// <summary>Seconds that a question may take on a busy host.</summary>
    private const int Tolerance = 300;

    private const string Clock = "$(cat /sys/class/rtc/rtc0/since_epoch)";
    private const string SystemTime = "$(date +%s)";

    [Fact]
    public Task Clock_OneGuestKeepsLocalTime_TheOtherUniversalTime() => Scenario.RunAsync(
        new MachinePlan([GuestSpec.DebianCloud, GuestSpec.DebianFull]) { SetupLines = ["guest 0002 clock=local"] },
        async (machine, cancel) =>
        {
            await machine.Agent("debian-cloud").ReadyAsync(cancel);
            await AssertAheadAsync(machine, "debian-cloud", Clock, 0, cancel);
            await machine.SwitchAsync("debian-cloud", "debian", cancel);

            // It learns of its time zone, as from a time server.
            await machine.Agent("debian").AskAsync($"run date -s @$(({SystemTime} + {Zone})) && hwclock -u -w", cancel);
            await AssertAheadAsync(machine, "debian", Clock, Zone, cancel);
            await machine.SwitchAsync("debian", "debian-cloud", cancel);
            await AssertAheadAsync(machine, "debian-cloud", Clock, 0, cancel);
            await AssertAheadAsync(machine, "debian-cloud", SystemTime, 0, cancel);
            await machine.SwitchAsync("debian-cloud", "debian", cancel);
            await AssertAheadAsync(machine, "debian", Clock, Zone, cancel);

            await machine.RestartAsync("debian", "reboot acpi", "reset", cancel);
            await AssertAheadAsync(machine, "debian", Clock, Zone, cancel);
            await AssertAheadAsync(machine, "debian", SystemTime, Zone, cancel);
            await machine.SwitchAsync("debian", "debian-cloud", cancel);
            await AssertAheadAsync(machine, "debian-cloud", Clock, 0, cancel);
        });

    /// <summary>A guest's clock is so much ahead of universal time, which the machine's clock has from the host.</summary>
    private static Task<AgentLine> AssertAheadAsync(Machine machine, string guest, string time, int seconds, CancellationToken cancel)
    {
        string expected = (DateTimeOffset.UtcNow.ToUnixTimeSeconds() + seconds).ToString(CultureInfo.InvariantCulture);
        return machine.Agent(guest).AskAsync(
            $"run d=$(({time} - {expected})); echo {guest}: $d; [ $d -gt -{Tolerance} ] && [ $d -lt {Tolerance} ]", cancel);
    }
}

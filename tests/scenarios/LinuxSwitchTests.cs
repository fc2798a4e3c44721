using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Guests;
using Xunit;

namespace Switcher.Tests.Scenarios;

/// <summary>
/// Two or three unmodified Debian kernels on one machine. A round checks, at every wake, the guest's memory and files (promises 1 and 2),
/// and that every CPU runs under the hypervisor after the boot and after each switch.
/// </summary>
public sealed class LinuxSwitchTests
{
    [Fact]
    [Trait("Lane", "fast")]
    public Task Promises1And2_TwoKernelsSwitchedFourTimes_KeepMemoryAndFiles() => AssertSwitchedAsync(cpus: 2);

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public Task Promises1And2_TwoKernelsWithOtherNumbersOfCpus_KeepMemoryAndFiles(int cpus) => AssertSwitchedAsync(cpus);

    [Fact]
    public Task Promise2_ThreeGuestsWithSizesGiven_KeepMemoryAndGetWhatTheyAskedFor() => Scenario.RunAsync(
        new MachinePlan([GuestSpec.DebianCloud, GuestSpec.DebianFull, GuestSpec.DebianCloud], 2, 3072)
        {
            SetupLines = ["guest 0002 memory=30%", "guest 0003 memory=640M"],
        },
        async (machine, cancel) =>
        {
            await new SwitchRounds(machine, machine.Guests, 2, new Quiet()).RunAsync(1, cancel);
            ulong[] bytes = [.. machine.Guests.Select(guest => BytesOf(machine, guest.Name))];
            Assert.Equal(640UL << 20, bytes[2]);

            // Of all that is divided; the first guest's memory has what the firmware leaves besides.
            Assert.InRange((double)bytes[1] / bytes.Aggregate((sum, own) => sum + own), 0.28, 0.3);
        });

    [Fact]
    public Task Promise2_EachGuest_SeesNoSystemRamOutsideItsPartition() => Scenario.RunAsync(
        new MachinePlan([GuestSpec.DebianCloud, GuestSpec.DebianFull]),
        async (machine, cancel) =>
        {
            var rounds = new SwitchRounds(machine, machine.Guests, 2, new Quiet());
            await rounds.RunAsync(0, cancel);
            await AssertRamIsOwnAsync(machine, "debian-cloud", cancel);
            await machine.SwitchAsync("debian-cloud", "debian", cancel);
            await AssertRamIsOwnAsync(machine, "debian", cancel);
        });

    [Fact]
    public Task Promise3_ForeignMemoryThroughDevMem_ReadsAllOnesAndWritesChangeNothing() => Scenario.RunAsync(
        new MachinePlan([GuestSpec.DebianCloud, GuestSpec.DebianFull]),
        async (machine, cancel) =>
        {
            var rounds = new SwitchRounds(machine, machine.Guests, 2, new Quiet());
            await rounds.RunAsync(1, cancel);
            AgentSession attacker = machine.Agent("debian-cloud");
            foreach (PhysicalRange range in machine.Hypervisor.RangesOf("debian"))
            {
                const int Words = 512;
                foreach (ulong place in new[] { range.Start, range.Start + (range.Length / 2), range.Start + range.Length - 4096 })
                {
                    Assert.Equal(Words, (await attacker.AskAsync($"devmem {place} {Words}", cancel)).Number("ones"));
                    AgentLine written = await attacker.AskAsync($"devmem {place} {Words} 81985529216486895", cancel);
                    Assert.Equal(Words, written.Number("words"));
                    Assert.Equal(Words, (await attacker.AskAsync($"devmem {place} {Words}", cancel)).Number("ones"));
                }
            }

            // The owner checks all that it had filled.
            await machine.SwitchAsync("debian-cloud", "debian", cancel);
            Assert.Equal(0, (await machine.Agent("debian").AskAsync("check", cancel)).Number("wrong"));
        });

    private static Task AssertSwitchedAsync(int cpus) => Scenario.RunAsync(
        new MachinePlan([GuestSpec.DebianCloud, GuestSpec.DebianFull], cpus),
        (machine, cancel) => new SwitchRounds(machine, machine.Guests, cpus, new Quiet()).RunAsync(2, cancel));

    private static ulong BytesOf(Machine machine, string guest) =>
        machine.Hypervisor.RangesOf(guest).Aggregate(0UL, (sum, range) => sum + range.Length);

    private static async Task AssertRamIsOwnAsync(Machine machine, string guest, CancellationToken cancel)
    {
        AgentLine ram = await machine.Agent(guest).AskAsync("ram", cancel);
        var own = machine.Hypervisor.RangesOf(guest);
        var seen = ram["ranges"].Split(',').Select(Inclusive).Where(range => range.Start >= 1 << 20).ToList();
        Assert.NotEmpty(seen);
        Assert.All(seen, range => Assert.Contains(
            own, mine => range.Start >= mine.Start && range.Start + range.Length <= mine.Start + mine.Length));
    }

    /// <summary>As /proc/iomem has it: the first and the last byte.</summary>
    private static PhysicalRange Inclusive(string text)
    {
        ulong[] bounds = [.. text.Split('-').Select(bound => Convert.ToUInt64(bound, 16))];
        return new PhysicalRange(bounds[0], bounds[1] - bounds[0] + 1);
    }
}

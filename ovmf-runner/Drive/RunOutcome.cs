using System.Collections.Generic;
using System.Linq;
using Switcher.Runner.Report;

namespace Switcher.Runner.Drive;

/// <summary>Puts a run's report together from what the machine and its guests said.</summary>
public static class RunOutcome
{
    public static RunReport Report(
        string? failure, string emulator, string backend, int cpus, int memoryMiB, HypervisorLog? hypervisor, SwitchRounds? rounds) =>
        new(
            failure is null, failure, emulator, backend, cpus, memoryMiB,
            new HypervisorRecord(hypervisor?.ImageBytes ?? 0, hypervisor?.ReservedBytes ?? 0),
            [.. (rounds?.States ?? []).Select(state => new GuestRecord(state.Name, Ranges(hypervisor, state.Name), state.CpusOnline))],
            rounds?.Switches ?? [], hypervisor?.Exits() ?? new Dictionary<string, long>());

    private static IReadOnlyList<RangeRecord> Ranges(HypervisorLog? hypervisor, string guest) =>
        [.. (hypervisor?.RangesOf(guest) ?? []).Select(range => new RangeRecord($"0x{range.Start:x}", (long)range.Length))];
}

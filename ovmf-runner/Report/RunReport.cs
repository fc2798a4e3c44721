using System.Collections.Generic;
using System.IO;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

namespace Switcher.Runner.Report;

/// <summary>What the hypervisor takes from the machine, in bytes.</summary>
public sealed record HypervisorRecord(long ImageBytes, long ReservedBytes);

/// <summary>A stretch of a guest's memory.</summary>
/// <param name="Start">Its first physical address, hexadecimal with 0x.</param>
/// <param name="Length">Its length in bytes.</param>
public sealed record RangeRecord(string Start, long Length);

/// <summary>A guest: the memory that belongs to it and its CPUs, as last seen from inside; null without an agent.</summary>
public sealed record GuestRecord(string Name, IReadOnlyList<RangeRecord> Ranges, int? CpusOnline);

/// <summary>The outcome of a run, written by <c>--report</c>.</summary>
/// <param name="Ok">Whether every round succeeded and everything was intact.</param>
/// <param name="Failure">What failed, in one line.</param>
/// <param name="Backend">The CPU's kind of virtualization: svm or vmx.</param>
/// <param name="Exits">How often guests left for the hypervisor, by reason.</param>
public sealed record RunReport(
    bool Ok, string? Failure, string Emulator, string Backend, int Cpus, int MemoryMiB, HypervisorRecord Hypervisor,
    IReadOnlyList<GuestRecord> Guests, IReadOnlyList<SwitchRecord> Switches, IReadOnlyDictionary<string, long> Exits)
{
    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,

        // The report goes into a file, not into a web page: an apostrophe may stay one.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public string ToJson() => JsonSerializer.Serialize(this, Format);

    public Task WriteAsync(string path, CancellationToken cancel) => File.WriteAllTextAsync(path, ToJson() + "\n", cancel);
}

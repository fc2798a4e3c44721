using Switcher.Runner.Drive;

namespace Switcher.Tests.Scenarios.Flash;

/// <summary>What a boot found of a variable that all test programs share.</summary>
/// <param name="Size">Bytes of its value.</param>
/// <param name="Seed">The first byte; the others count up from it.</param>
/// <param name="Wrong">Bytes and attributes that are otherwise.</param>
/// <param name="Status">What GetVariable returned.</param>
internal sealed record SharedValue(long Size, long Seed, long Wrong, string Status)
{
    public static SharedValue Absent { get; } = new(0, 0, 0, "0x800000000000000e");

    public static SharedValue Of(long size, long seed) => new(size, seed, 0, "0x0");

    public static SharedValue Parse(LogLine line) =>
        new(line.Number("size") ?? -1, line.Number("seed") ?? -1, line.Number("wrong") ?? -1, line["status"]);
}

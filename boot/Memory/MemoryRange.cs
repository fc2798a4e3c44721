namespace Switcher.Boot.Memory;

/// <summary>A half-open range of physical memory, [<see cref="Start"/>, <see cref="End"/>), in bytes.</summary>
public readonly struct MemoryRange
{
    public readonly ulong Start;
    public readonly ulong Length;

    public MemoryRange(ulong start, ulong length)
    {
        Start = start;
        Length = length;
    }

    /// <summary>The first byte after the range.</summary>
    public ulong End => Start + Length;

    public bool IsEmpty => Length == 0;

    public static MemoryRange FromBounds(ulong start, ulong end) => new(start, end > start ? end - start : 0);

    public bool Contains(ulong address) => address - Start < Length;

    public bool Contains(MemoryRange other) => other.Start >= Start && other.End <= End;

    public MemoryRange Intersect(MemoryRange other)
    {
        ulong start = Start > other.Start ? Start : other.Start;
        return FromBounds(start, End < other.End ? End : other.End);
    }

    public bool Overlaps(MemoryRange other) => Start < other.End && other.Start < End;
}

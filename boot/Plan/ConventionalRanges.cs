using System;
using Switcher.Boot.Memory;

namespace Switcher.Boot.Plan;

/// <summary>
/// The ranges of a firmware map that the plan may give away, ascending and merged, whatever the order of the descriptors: conventional RAM
/// that can be cached and is not set apart for a special purpose (UEFI 2.10, 7.2.3, EFI_MEMORY_SP). Use with foreach.
/// </summary>
internal ref struct ConventionalRanges
{
    private readonly ReadOnlySpan<MemoryDescriptor> map;
    private ulong cursor;

    public ConventionalRanges(ReadOnlySpan<MemoryDescriptor> map) => this.map = map;

    public MemoryRange Current { get; private set; }

    public readonly ConventionalRanges GetEnumerator() => this;

    public bool MoveNext()
    {
        if (!TryFindFirst(out ulong start, out ulong end))
            return false;

        while (TryFindStartingAt(end, out ulong further))
            end = further;

        Current = MemoryRange.FromBounds(start, end);
        cursor = end;
        return true;
    }

    private static bool IsEligible(in MemoryDescriptor descriptor) =>
        descriptor.Type == MemoryType.Conventional
        && descriptor.NumberOfPages != 0
        && (descriptor.Attribute & MemoryAttributes.SpecificPurpose) == 0
        && (descriptor.CacheAttributes & MemoryAttributes.WriteBack) != 0;

    private readonly bool TryFindFirst(out ulong start, out ulong end)
    {
        bool found = false;
        start = 0;
        end = 0;
        foreach (ref readonly MemoryDescriptor descriptor in map)
        {
            if (!IsEligible(descriptor) || descriptor.PhysicalStart < cursor || (found && descriptor.PhysicalStart >= start))
                continue;
            found = true;
            start = descriptor.PhysicalStart;
            end = descriptor.Range.End;
        }

        return found;
    }

    private readonly bool TryFindStartingAt(ulong address, out ulong end)
    {
        foreach (ref readonly MemoryDescriptor descriptor in map)
        {
            if (!IsEligible(descriptor) || descriptor.PhysicalStart != address)
                continue;
            end = descriptor.Range.End;
            return true;
        }

        end = 0;
        return false;
    }
}

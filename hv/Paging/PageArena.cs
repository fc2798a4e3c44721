using Switcher.Boot.Memory;

namespace Switcher.Hv.Paging;

/// <summary>Hands out the pages of a range one after the other, zeroed, and takes none back.</summary>
public struct PageArena
{
    private readonly ulong start;
    private readonly ulong end;
    private ulong next;

    /// <param name="range">Page aligned.</param>
    public PageArena(MemoryRange range)
    {
        start = range.Start;
        end = range.End;
        next = range.Start;
    }

    /// <summary>Pages handed out.</summary>
    public readonly ulong Used => (next - start) / PageSize.Small;

    /// <summary>Pages left.</summary>
    public readonly ulong Left => (end - next) / PageSize.Small;

    public bool TryTake<TMemory>(out HostPhysicalAddress page)
        where TMemory : struct, IPhysicalMemory => TryTake<TMemory>(1, out page);

    /// <summary>Takes pages that adjoin.</summary>
    public bool TryTake<TMemory>(int count, out HostPhysicalAddress first)
        where TMemory : struct, IPhysicalMemory
    {
        if ((ulong)count > Left)
        {
            first = default;
            return false;
        }

        first = new HostPhysicalAddress(next);
        next += (ulong)count * PageSize.Small;
        for (ulong page = first.Value; page < next; page += PageSize.Small)
            TMemory.Bytes(new HostPhysicalAddress(page), (int)PageSize.Small).Clear();
        return true;
    }
}

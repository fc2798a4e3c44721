using Switcher.Boot.Memory;

namespace Switcher.Hv.Paging;

/// <summary>A range that a guest sees at its own address but in memory of its own.</summary>
public struct PrivateCopy
{
    /// <summary>Where the guest sees it, in bytes, page-aligned.</summary>
    public ulong GuestStart;

    /// <summary>Where it is.</summary>
    public HostPhysicalAddress Backing;

    /// <summary>Bytes, a multiple of the page size.</summary>
    public ulong Length;

    public readonly MemoryRange GuestRange => new(GuestStart, Length);
}

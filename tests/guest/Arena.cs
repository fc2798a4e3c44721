using System;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Guest;

/// <summary>
/// The memory that the guest's own structures live in: page tables, stacks, the memory map. One block below 4 GiB, since processors start
/// with 32-bit addresses. It carries no pattern: the guest that wakes with a byte of it changed does not get far.
/// </summary>
internal static unsafe class Arena
{
    /// <summary>Room for page tables of 64 GiB, for 16 CPUs and for devices.</summary>
    private const ulong Pages = 512;

    private static ulong s_next;

    public static ulong Start { get; private set; }

    /// <summary>The first byte behind it.</summary>
    public static ulong End { get; private set; }

    public static bool Allocate()
    {
        if (!Firmware.TryAllocate(Pages, out ulong start))
            return false;
        Start = start;
        End = start + (Pages * MemoryDescriptor.PageSize);
        s_next = start;
        new Span<byte>((void*)start, (int)(End - start)).Clear();
        return true;
    }

    /// <summary>Whole pages, all zero. There is no way to give them back.</summary>
    public static ulong Take(ulong pages)
    {
        ulong address = s_next;
        s_next += pages * MemoryDescriptor.PageSize;
        if (s_next > End)
            Environment.FailFast("the arena is used up");
        return address;
    }
}

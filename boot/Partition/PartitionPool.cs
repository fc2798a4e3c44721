using System;
using System.Runtime.InteropServices;
using Switcher.Boot.Memory;

namespace Switcher.Boot.Partition;

/// <summary>What a <see cref="PartitionPool{TMemory}"/> keeps between calls. Zeroed before the first use.</summary>
public struct PartitionPoolState
{
    internal const int Classes = 6;
    internal const int Types = 16;

    internal int TypeCount;
    internal TypeNames Names;
    internal FreeLists Lists;

    [StructLayout(LayoutKind.Sequential, Size = Types * sizeof(uint))]
    internal struct TypeNames
    {
        public uint First;
    }

    [StructLayout(LayoutKind.Sequential, Size = Types * Classes * sizeof(ulong))]
    internal struct FreeLists
    {
        public ulong First;
    }
}

/// <summary>
/// AllocatePool() and FreePool() inside a partition (UEFI 2.10, 7.2.4 and 7.2.5): the firmware's pools have one list of free blocks for all
/// callers, so a block that one loader freed would go to the next. Small blocks share pages of their memory type; pages that were taken for
/// small blocks are not given back, for a loader lives for seconds.
/// </summary>
/// <typeparam name="TMemory">How the partition is reached.</typeparam>
public readonly ref struct PartitionPool<TMemory>
    where TMemory : struct, IPhysicalMemory
{
    private const uint Signature = 0x4C4F_4F50; // "POOL"
    private const ulong SmallestBlock = 64;
    private const ulong LargestBlock = SmallestBlock << (PartitionPoolState.Classes - 1);

    private readonly ref PartitionPoolState _state;
    private readonly PartitionAllocator _pages;

    /// <param name="state">Zeroed before the first use.</param>
    /// <param name="pages">Where the pages come from.</param>
    public PartitionPool(ref PartitionPoolState state, PartitionAllocator pages)
    {
        _state = ref state;
        _pages = pages;
    }

    /// <summary>Allocates <paramref name="size"/> bytes, 16-byte aligned. Zero bytes are a block as well, as in most firmware.</summary>
    public AllocationStatus Allocate(MemoryType type, ulong size, out ulong address)
    {
        address = 0;
        if (size > ulong.MaxValue / 2)
            return AllocationStatus.OutOfResources;
        ulong needed = size + BlockHeader.Size;
        int list = needed <= LargestBlock ? TypeIndex(type) : -1;
        return list < 0 ? AllocateWholePages(type, needed, out address) : AllocateSmall(type, list, needed, out address);
    }

    /// <summary>Frees what <see cref="Allocate"/> gave. Anything else inside the partition is refused as firmware would.</summary>
    public AllocationStatus Free(ulong address)
    {
        if (address % BlockHeader.Size != 0 || address < BlockHeader.Size
            || !_pages.Contains(address) || !_pages.Contains(address - BlockHeader.Size))
            return AllocationStatus.InvalidParameter;
        ref BlockHeader header = ref TMemory.At<BlockHeader>(new HostPhysicalAddress(address - BlockHeader.Size));
        if (header.Signature != Signature)
            return AllocationStatus.InvalidParameter;

        header.Signature = 0;
        if (header.Length > LargestBlock)
            return _pages.Free(address - BlockHeader.Size, header.Length / PageSize.Small);
        int list = TypeIndex(header.Type);
        if (list < 0)
            return AllocationStatus.InvalidParameter;
        Push(ref FreeList(list, ClassOf(header.Length)), address);
        return AllocationStatus.Success;
    }

    private AllocationStatus AllocateWholePages(MemoryType type, ulong needed, out ulong address)
    {
        address = 0;
        ulong length = PageSize.AlignUp(needed, PageSize.Small);
        ulong start = 0;
        AllocationStatus status = _pages.Allocate(AllocateType.AnyPages, type, length / PageSize.Small, ref start);
        if (status == AllocationStatus.Success)
            address = Claim(start, type, length);
        return status;
    }

    private AllocationStatus AllocateSmall(MemoryType type, int list, ulong needed, out ulong address)
    {
        address = 0;
        int size = ClassOf(needed);
        ulong length = SmallestBlock << size;
        ref ulong free = ref FreeList(list, size);
        if (free == 0)
        {
            ulong page = 0;
            AllocationStatus status = _pages.Allocate(AllocateType.AnyPages, type, 1, ref page);
            if (status != AllocationStatus.Success)
                return status;
            for (ulong block = PageSize.Small; block != 0; block -= length)
                Push(ref free, page + block - length + BlockHeader.Size);
        }

        ulong taken = free;
        free = TMemory.At<ulong>(new HostPhysicalAddress(taken));
        address = Claim(taken - BlockHeader.Size, type, length);
        return AllocationStatus.Success;
    }

    private static ulong Claim(ulong start, MemoryType type, ulong length)
    {
        ref BlockHeader header = ref TMemory.At<BlockHeader>(new HostPhysicalAddress(start));
        header.Signature = Signature;
        header.Type = type;
        header.Length = length;
        return start + BlockHeader.Size;
    }

    /// <summary>A free block's first bytes hold the address of the next free one.</summary>
    private static void Push(ref ulong free, ulong address)
    {
        TMemory.At<ulong>(new HostPhysicalAddress(address)) = free;
        free = address;
    }

    private static int ClassOf(ulong needed)
    {
        int size = 0;
        while (SmallestBlock << size < needed)
            size++;
        return size;
    }

    private ref ulong FreeList(int type, int size)
    {
        const int Lists = PartitionPoolState.Types * PartitionPoolState.Classes;
        return ref MemoryMarshal.CreateSpan(ref _state.Lists.First, Lists)[(type * PartitionPoolState.Classes) + size];
    }

    /// <summary>The place of a memory type's lists; -1 for one type too many, which then gets whole pages.</summary>
    private int TypeIndex(MemoryType type)
    {
        Span<uint> names = MemoryMarshal.CreateSpan(ref _state.Names.First, PartitionPoolState.Types);
        for (int i = 0; i < _state.TypeCount; i++)
        {
            if (names[i] == (uint)type)
                return i;
        }

        if (_state.TypeCount == PartitionPoolState.Types)
            return -1;
        names[_state.TypeCount] = (uint)type;
        return _state.TypeCount++;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct BlockHeader
    {
        public const ulong Size = 16;

        public uint Signature;
        public MemoryType Type;

        /// <summary>Bytes of the block with this header: a power of two, or whole pages.</summary>
        public ulong Length;
    }
}

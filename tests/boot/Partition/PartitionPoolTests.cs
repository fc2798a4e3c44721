using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CsCheck;
using Switcher.Boot.Memory;
using Switcher.Boot.Partition;
using Switcher.Boot.Plan;
using Xunit;

namespace Switcher.Tests.Boot.Partition;

public class PartitionPoolTests
{
    private const ulong Base = 0x100_0000;
    private const int Pages = 256;

    private readonly MemoryDescriptor[] _table = new MemoryDescriptor[64];
    private PartitionAllocatorState _pages;
    private PartitionPoolState _pool;

    public PartitionPoolTests()
    {
        Ram.Clear();
        PlannedRange[] ranges = [new(new MemoryRange(Base, Pages * PageSize.Small), OwnerKind.Guest)];
        Assert.Equal(AllocationStatus.Success, Allocator.Initialize(new MemoryPlan(ranges), 0));
    }

    private PartitionAllocator Allocator => new(ref _pages, _table);

    private PartitionPool<Ram> Pool => new(ref _pool, Allocator);

    [Fact]
    public void SmallBlocks_OfOneType_ShareAPageOfThatType()
    {
        Assert.Equal(AllocationStatus.Success, Pool.Allocate(MemoryType.LoaderData, 40, out ulong first));
        Assert.Equal(AllocationStatus.Success, Pool.Allocate(MemoryType.LoaderData, 40, out ulong second));

        Assert.NotEqual(first, second);
        Assert.Equal(first / PageSize.Small, second / PageSize.Small);
        Assert.Equal(MemoryType.LoaderData, TypeAt(first));
    }

    [Fact]
    public void SmallBlocks_OfTwoTypes_LieInPagesOfTheirTypes()
    {
        Pool.Allocate(MemoryType.LoaderData, 40, out ulong loader);
        Pool.Allocate(MemoryType.AcpiReclaim, 40, out ulong acpi);

        Assert.Equal(MemoryType.LoaderData, TypeAt(loader));
        Assert.Equal(MemoryType.AcpiReclaim, TypeAt(acpi));
    }

    [Fact]
    public void FreedBlock_OfOneType_IsNotGivenToAnother()
    {
        Pool.Allocate(MemoryType.LoaderData, 40, out ulong block);
        Assert.Equal(AllocationStatus.Success, Pool.Free(block));
        Pool.Allocate(MemoryType.BootServicesData, 40, out ulong other);
        Pool.Allocate(MemoryType.LoaderData, 40, out ulong same);

        Assert.NotEqual(block, other);
        Assert.Equal(block, same);
    }

    [Fact]
    public void LargeBlock_Freed_GivesItsPagesBack()
    {
        Pool.Allocate(MemoryType.LoaderData, 100_000, out ulong block);
        Assert.Equal(MemoryType.LoaderData, TypeAt(block + 99_999));
        Assert.Equal(AllocationStatus.Success, Pool.Free(block));

        Assert.Equal(MemoryType.Conventional, TypeAt(block));
    }

    [Fact]
    public void Free_OfWhatIsNoBlock_IsRefused()
    {
        Pool.Allocate(MemoryType.LoaderData, 40, out ulong block);

        Assert.Equal(AllocationStatus.InvalidParameter, Pool.Free(block + 16));
        Assert.Equal(AllocationStatus.InvalidParameter, Pool.Free(block + 1));
        Assert.Equal(AllocationStatus.InvalidParameter, Pool.Free(Base));
        Assert.Equal(AllocationStatus.InvalidParameter, Pool.Free(0));
        Assert.Equal(AllocationStatus.Success, Pool.Free(block));
        Assert.Equal(AllocationStatus.InvalidParameter, Pool.Free(block));
    }

    [Theory]
    [InlineData(Pages * 4096UL)]
    [InlineData(ulong.MaxValue)]
    [InlineData(ulong.MaxValue - 15)]
    public void Allocate_OfMoreThanThereIs_IsRefused(ulong size) =>
        Assert.Equal(AllocationStatus.OutOfResources, Pool.Allocate(MemoryType.LoaderData, size, out _));

    [Fact]
    public void Blocks_OfMoreTypesThanTheListsHold_StillWork()
    {
        for (uint i = 0; i < 24; i++)
        {
            Assert.Equal(AllocationStatus.Success, Pool.Allocate(MemoryType.FirstOemReserved + i, 40, out ulong block));
            Assert.Equal(MemoryType.FirstOemReserved + i, TypeAt(block));
            Assert.Equal(AllocationStatus.Success, Pool.Free(block));
        }
    }

    [Fact]
    public void Blocks_InAnyOrderOfUse_NeverOverlapAndKeepTheirBytes() =>
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 6000], Gen.Int[0, 1000]).Array[1, 200].Sample(steps =>
        {
            PartitionPoolTests test = new();
            List<(ulong Address, int Size, byte Mark)> live = [];
            byte mark = 0;
            foreach ((int action, int size, int pick) in steps)
            {
                if (action < 6)
                {
                    MemoryType type = action % 2 == 0 ? MemoryType.LoaderData : MemoryType.BootServicesData;
                    if (test.Pool.Allocate(type, (ulong)size, out ulong address) != AllocationStatus.Success)
                        continue;
                    Assert.Equal(0ul, address % 16);
                    Assert.Equal(type, test.TypeAt(address));
                    Ram.Bytes(new HostPhysicalAddress(address), size).Fill(++mark);
                    live.Add((address, size, mark));
                }
                else if (live.Count > 0)
                {
                    (ulong address, int length, byte expected) = live[pick % live.Count];
                    Assert.True(Ram.Bytes(new HostPhysicalAddress(address), length).IndexOfAnyExcept(expected) < 0);
                    Assert.Equal(AllocationStatus.Success, test.Pool.Free(address));
                    live.RemoveAt(pick % live.Count);
                }
            }

            foreach ((ulong address, int length, byte expected) in live)
                Assert.True(Ram.Bytes(new HostPhysicalAddress(address), length).IndexOfAnyExcept(expected) < 0);
        }, threads: 1);

    private MemoryType TypeAt(ulong address)
    {
        foreach (MemoryDescriptor descriptor in Allocator.Descriptors)
        {
            if (descriptor.Range.Contains(address))
                return descriptor.Type;
        }

        return MemoryType.Unusable;
    }

    private struct Ram : IPhysicalMemory
    {
        [ThreadStatic]
        private static byte[]? s_bytes;

        public static void Clear() => s_bytes = new byte[Pages * (int)PageSize.Small];

        public static ref T At<T>(HostPhysicalAddress address)
            where T : unmanaged => ref MemoryMarshal.AsRef<T>(Bytes(address, Unsafe.SizeOf<T>()));

        public static Span<byte> Bytes(HostPhysicalAddress address, int length) => s_bytes.AsSpan((int)(address.Value - Base), length);
    }
}

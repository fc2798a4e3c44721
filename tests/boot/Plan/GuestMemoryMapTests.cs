using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using Switcher.Boot.Memory;
using Switcher.Boot.Partition;
using Switcher.Boot.Plan;
using Xunit;

namespace Switcher.Tests.Boot.Plan;

public sealed class GuestMemoryMapTests
{
    private const ulong ConventionalEnd = 0xA0000;

    public static TheoryData<string> RealMaps() => [.. FirmwareMaps.Names()];

    [Fact]
    public void Write_AnyMap_ShowsEveryAddressByTheRules() =>
        Gen.Select(FirmwareMaps.Random, Gen.Int[2, 4], Gen.Int).Sample(Check, iter: 100);

    [Theory]
    [MemberData(nameof(RealMaps))]
    public void Write_RealMap_ShowsEveryAddressByTheRules(string name) => Check(FirmwareMaps.Load(name), 3, 1);

    [Fact]
    public void Write_SmallBuffer_SaysHowManyItTakes()
    {
        Machine machine = new(FirmwareMaps.Load("ovmf-2048"), 2, 1);
        MemoryDescriptor[] whole = machine.Write(1);
        MemoryDescriptor[] room = new MemoryDescriptor[whole.Length - 1];

        Assert.Equal(MapStatus.BufferTooSmall, machine.TryWrite(1, room, out int count));
        Assert.Equal(whole.Length, count);
        Assert.Equal(whole[..^2], room[..^1]);
        Assert.Equal(MapStatus.BufferTooSmall, machine.TryWrite(1, [], out count));
        Assert.Equal(whole.Length, count);
    }

    [Theory]
    [InlineData(0, "3e400000-7ae00000")]
    [InlineData(1, "1800000-3e400000")]
    public void Write_GuestOfOvmf_ShowsOnlyItsOwnRam(int guest, string partition)
    {
        MemoryDescriptor[] map = FirmwareMaps.Load("ovmf-2048");
        MemoryDescriptor[] seen = new Machine(map, 2, seed: null).Write(guest);

        Assert.Equal(
            ["80000-a0000", partition],
            seen.Where(d => d.Type == MemoryType.Conventional).Select(d => $"{d.Range.Start:x}-{d.Range.End:x}"));
        Assert.DoesNotContain(
            seen,
            d => d.Type is MemoryType.BootServicesCode or MemoryType.BootServicesData or MemoryType.LoaderCode
                or MemoryType.RuntimeServicesData);
        Assert.DoesNotContain(seen, d => (d.Attribute & MemoryAttributes.Runtime) != 0);
        Assert.Equal(
            map.Where(d => d.Type == MemoryType.AcpiReclaim).Select(d => d.Range),
            seen.Where(d => d.Type == MemoryType.AcpiReclaim).Select(d => d.Range));
    }

    private static void Check(MemoryDescriptor[] map, int guests, int seed)
    {
        Machine machine = new(map, guests, seed);
        for (int guest = 0; guest < guests && machine.IsPlanned; guest++)
        {
            MemoryDescriptor[] seen = machine.Write(guest);
            MemoryDescriptor previous = default;
            foreach (MemoryDescriptor descriptor in seen)
            {
                Assert.True(descriptor.PhysicalStart >= previous.Range.End && descriptor.NumberOfPages > 0, "sorted, without overlaps");
                bool isSame = descriptor.Type == previous.Type && descriptor.Attribute == previous.Attribute && previous.NumberOfPages > 0;
                Assert.False(isSame && descriptor.PhysicalStart == previous.Range.End, "merged");
                Assert.Equal(0UL, descriptor.VirtualStart);
                previous = descriptor;
            }

            foreach (ulong address in machine.Interesting())
            {
                MemoryDescriptor? expected = machine.Expected(guest, address);
                MemoryDescriptor? actual = seen.Where(d => d.Range.Contains(address)).Select(d => (MemoryDescriptor?)d).SingleOrDefault();
                Assert.Equal((address, expected?.Type, expected?.Attribute), (address, actual?.Type, actual?.Attribute));
            }
        }
    }

    /// <summary>A planned machine in which each guest's loader has allocated something.</summary>
    private sealed class Machine
    {
        private readonly MemoryDescriptor[] map;
        private readonly PlannedRange[] plan;
        private readonly Dictionary<int, MemoryDescriptor[]> partitions = [];

        /// <param name="map">The firmware's.</param>
        /// <param name="guests">How many.</param>
        /// <param name="seed">For the allocations; null if there are none.</param>
        public Machine(MemoryDescriptor[] map, int guests, int? seed)
        {
            this.map = map;
            MemoryPlanner.Plan(map, new MemoryRequest[guests], 16 << 20, 0, new PlannedRange[MemoryPlanner.TableEntries],
                out MemoryPlan view);
            plan = view.Ranges.ToArray();
            for (int guest = 0; guest < guests && IsPlanned; guest++)
                partitions[guest] = Partition(guest, seed);
        }

        public bool IsPlanned => plan.Length > 0;

        public MapStatus TryWrite(int guest, Span<MemoryDescriptor> room, out int count) =>
            GuestMemoryMap.Write(map, new MemoryPlan(plan), partitions[guest], guest, room, out count);

        public MemoryDescriptor[] Write(int guest)
        {
            MemoryDescriptor[] room = new MemoryDescriptor[1000];
            Assert.Equal(MapStatus.Ok, TryWrite(guest, room, out int count));
            return room[..count];
        }

        public IEnumerable<ulong> Interesting() =>
            map.Select(d => d.Range).Concat(plan.Select(p => p.Range)).Concat(partitions.Values.SelectMany(p => p).Select(d => d.Range))
                .SelectMany(r => new[] { r.Start, r.End - 1, r.End, r.Start - 1 }).Append(0UL).Append(ConventionalEnd)
                .Append(ConventionalEnd - 1).Distinct()
                .Where(a => a < 1UL << 52);

        public MemoryDescriptor? Expected(int guest, ulong address)
        {
            int index = Array.FindIndex(map, d => d.Range.Contains(address));
            MemoryDescriptor? firmware = index < 0 ? null : map[index];
            MemoryAttributes caching = (firmware?.Attribute ?? 0) & MemoryAttributes.Default;
            if (caching == 0)
                caching = MemoryAttributes.Default;

            PlannedRange planned = plan.FirstOrDefault(p => p.Range.Contains(address));
            if (planned.BelongsTo(guest) || planned.Owner == OwnerKind.LowWindow)
            {
                MemoryDescriptor own = partitions[guest].Single(d => d.Range.Contains(address));
                return new MemoryDescriptor(own.Type, own.Range, own.Type == MemoryType.RuntimeServicesData
                    ? caching | MemoryAttributes.Runtime : caching);
            }

            if (planned.Owner is OwnerKind.Guest or OwnerKind.Hypervisor)
                return new MemoryDescriptor(MemoryType.Reserved, planned.Range, caching);
            if (firmware is not MemoryDescriptor described)
                return null;
            bool isShown = described.Type is MemoryType.MemoryMappedIo or MemoryType.Unusable
                || (described.Type is MemoryType.AcpiNvs or MemoryType.AcpiReclaim && address >= ConventionalEnd);
            return new MemoryDescriptor(isShown
                ? described.Type : MemoryType.Reserved, described.Range, described.Attribute & ~MemoryAttributes.Runtime);
        }

        private MemoryDescriptor[] Partition(int guest, int? seed)
        {
            PartitionAllocatorState state = default;
            PartitionAllocator allocator = new(ref state, new MemoryDescriptor[256]);
            Assert.Equal(AllocationStatus.Success, allocator.Initialize(new MemoryPlan(plan), guest));
            Random random = new(seed ?? 0);
            MemoryType[] types =
                [MemoryType.LoaderCode, MemoryType.LoaderData, MemoryType.RuntimeServicesData, MemoryType.Reserved, MemoryType.AcpiNvs];
            for (int i = 0; i < 20 && seed is not null; i++)
            {
                ulong address = (ulong)random.NextInt64(0xA0000, 1L << 32);
                allocator.Allocate((AllocateType)random.Next(2), types[random.Next(types.Length)], (ulong)random.Next(1, 700), ref address);
            }

            return allocator.Descriptors.ToArray();
        }
    }
}

using System;
using CsCheck;
using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;
using Switcher.Hv.Exits;
using Switcher.Hv.Paging;
using Switcher.Hv.Svm;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Exits;

/// <summary>Walks of a guest's page tables: APM vol. 2, 5.2 Legacy-Mode Page Translation and 5.3 Long-Mode Page Translation.</summary>
public sealed class GuestMemoryTests : IDisposable
{
    // Tables are made page by page from here on, in guest 0's partition.
    private const ulong Tables = 0x2000_8000;
    private const ulong AddressBits = 0xF_FFFF_FFFF_F000;
    private readonly FakeMachine _machine = new();
    private ulong _next = Tables + 0x1000;

    private HostPhysicalAddress Root => _machine.Guest(0).NestedRoot;

    [Fact]
    public void Translate_WithoutPaging_IsTheSameIn32Bits()
    {
        CpuState state = CpuState.AfterInit(0, 0);
        AssertTranslates(state, 0x1_2345_6789, 0x2345_6789);
    }

    [Fact]
    public void Translate_TwoLevels_MapsPagesOf4KiB()
    {
        CpuState state = Paging(cr4: 0, efer: 0);
        Write32(Tables + (0x123 * 4), (Tables + 0x1000) | 1);
        Write32(Tables + 0x1000 + (0x2AB * 4), 0x7654_3000 | 1);
        AssertTranslates(state, (0x123u << 22) | (0x2ABu << 12) | 0xCDE, 0x7654_3CDE);
        AssertAbsent(state, (0x123u << 22) | (0x2ACu << 12));
        AssertAbsent(state, 0x124u << 22);
    }

    /// <summary>Bits 20:13 of a directory entry are address bits 39:32 (PSE-36).</summary>
    [Fact]
    public void Translate_PageSizeExtensions_MapsPagesOf4MiB()
    {
        CpuState state = Paging(Cr4.PageSizeExtensions, efer: 0);
        Write32(Tables + (0x123 * 4), 0x7640_0000 | (0x5A << 13) | 0x81);
        AssertTranslates(state, (0x123u << 22) | 0x3F_FCDE, 0x5A_7640_0000 + 0x3F_FCDE);
    }

    /// <summary>Without CR4.PSE the bit means nothing.</summary>
    [Fact]
    public void Translate_PageSizeBitWithoutExtensions_IsATable()
    {
        CpuState state = Paging(cr4: 0, efer: 0);
        Write32(Tables, (Tables + 0x1000) | 0x81);
        Write32(Tables + 0x1000, 0x7654_3000 | 1);
        AssertTranslates(state, 0x123, 0x7654_3123);
    }

    [Fact]
    public void Translate_AnyLinearAddress_FollowsTheTablesOfItsMode() =>
        Gen.Select(Gen.OneOf(3, 4, 5), Gen.Int[1, 3], Gen.ULong, Gen.ULong).Sample((levels, leaf, linear, physical) =>
        {
            // PAE's highest table has no pages; long mode's third has pages of 1 GiB.
            if (levels == 3 && leaf == 3)
                return;
            linear &= levels == 3 ? uint.MaxValue : (1UL << (12 + (9 * levels))) - 1;
            ulong page = (1UL << (12 + (9 * (leaf - 1)))) - 1;
            physical &= AddressBits & ~page & 0xFF_FFFF_FFFF;
            ForgetTables();
            CpuState state = Paging(Cr4.PhysicalAddressExtension | (levels == 5 ? Cr4.FiveLevelPaging : 0), levels == 3 ? 0 : 0x500UL);
            Map(levels, leaf, linear, physical);

            AssertTranslates(state, linear, physical | (linear & page));
            AssertAbsent(state, levels == 3 ? (uint)(linear ^ (1UL << 31)) : linear ^ (1UL << (11 + (9 * levels))));
        }, iter: 300, threads: 1);

    /// <summary>CR3 of PAE is a table of 32 bytes, anywhere in the first 4 GiB on a multiple of 32.</summary>
    [Fact]
    public void Translate_PaeTableInsideAPage_IsFound()
    {
        CpuState state = Paging(Cr4.PhysicalAddressExtension, efer: 0);
        state.Cr3 = Tables + 0xA20;
        FakePlatform.At<ulong>(new HostPhysicalAddress(Tables + 0xA20 + (3 * 8))) = (Tables + 0x1000) | 1;
        FakePlatform.At<ulong>(new HostPhysicalAddress(Tables + 0x1000)) = 0x7640_0000 | 0x81;
        AssertTranslates(state, 0xC012_3456, 0x7652_3456);
    }

    /// <summary>Tables in memory that is not the guest's read as all ones, which lead nowhere that it could read either.</summary>
    [Fact]
    public void Read_ThroughTablesInForeignMemory_GivesNothingOfIt()
    {
        CpuState state = Paging(Cr4.PhysicalAddressExtension, 0x500);
        state.Cr3 = MemoryLayout.Partition(1) + MemoryLayout.PageTables;
        byte[] buffer = new byte[4];
        int read = ExitHandling<FakePlatform, Svm<FakePlatform>>.GuestMemory.Read(Root, state, MemoryLayout.Partition(0), buffer);
        Assert.Equal(0, read);
    }

    [Fact]
    public void Fetch_AcrossTwoPages_ReadsFromBoth()
    {
        CpuState state = Paging(Cr4.PhysicalAddressExtension, 0x500);
        state.Cs = new SegmentRegister(0x38, 0xA09B, 0xFFFF_FFFF, 0xDEAD_0000);
        state.Rip = 0x7F_0000_0FFB;
        Map(4, 1, 0x7F_0000_0000, 0x2000_2000);
        Map(4, 1, 0x7F_0000_1000, 0x2000_7000);
        FakePlatform.Bytes(new HostPhysicalAddress(0x2000_2FFB), 5).Fill(0x11);
        FakePlatform.Bytes(new HostPhysicalAddress(0x2000_7000), 10).Fill(0x22);
        byte[] code = new byte[15];
        Assert.Equal(15, ExitHandling<FakePlatform, Svm<FakePlatform>>.GuestMemory.FetchInstruction(Root, state, code));
        Assert.Equal([0x11, 0x11, 0x11, 0x11, 0x11, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22, 0x22], code);
    }

    [Fact]
    public void Fetch_WhereTheNextPageIsAbsent_ReadsWhatThereIs()
    {
        CpuState state = Paging(Cr4.PhysicalAddressExtension, 0x500);
        state.Cs = new SegmentRegister(0x38, 0xA09B, 0xFFFF_FFFF, 0);
        state.Rip = 0x7F_0000_0FFB;
        Map(4, 1, 0x7F_0000_0000, 0x2000_2000);
        Assert.Equal(5, ExitHandling<FakePlatform, Svm<FakePlatform>>.GuestMemory.FetchInstruction(Root, state, new byte[15]));
    }

    /// <summary>In compatibility and legacy modes CS has a base, and addresses wrap at 4 GiB.</summary>
    [Theory]
    [InlineData(0x9_A000, 0x23, 0x9_A023)]
    [InlineData(0xFFFF_0000, 0x2_0000, 0x1_0000)]
    public void Fetch_OutsideLongMode_AddsTheSegmentsBase(ulong @base, ulong rip, ulong expected)
    {
        CpuState state = CpuState.AfterInit(0, 0);
        state.Cs.Base = @base;
        state.Rip = rip;
        ulong host = expected < MemoryLayout.LowCopy ? expected
            : _machine.Guest(0).Copies.At<FakePlatform>(0).Backing.Value + expected - MemoryLayout.LowCopy;
        FakePlatform.At<ushort>(new HostPhysicalAddress(host)) = 0xA20F;
        byte[] code = new byte[2];
        ExitHandling<FakePlatform, Svm<FakePlatform>>.GuestMemory.FetchInstruction(Root, state, code);
        Assert.Equal([0x0F, 0xA2], code);
    }

    public void Dispose() => _machine.Dispose();

    private static CpuState Paging(ulong cr4, ulong efer) => CpuState.AfterInit(0, 0) with
    {
        Cr0 = Cr0.Paging | Cr0.ProtectedMode,
        Cr3 = Tables,
        Cr4 = cr4,
        Efer = efer,
    };

    private static void Write32(ulong address, ulong value) => FakePlatform.At<uint>(new HostPhysicalAddress(address)) = (uint)value;

    private void ForgetTables()
    {
        _next = Tables + 0x1000;
        FakePlatform.Bytes(new HostPhysicalAddress(Tables), 0x8000).Clear();
    }

    /// <summary>Maps one page at <paramref name="leaf"/>, making the tables on the way.</summary>
    private void Map(int levels, int leaf, ulong linear, ulong physical)
    {
        ulong table = Tables;
        for (int level = levels; ; level--)
        {
            ref ulong entry = ref FakePlatform.At<ulong>(
                new HostPhysicalAddress(table + (((linear >> (12 + (9 * (level - 1)))) & 0x1FF) * 8)));
            if (level == leaf)
            {
                entry = physical | 0x8000_0000_0000_0001 | (level == 1 ? 0u : 0x80u);
                return;
            }
            if ((entry & 1) == 0)
            {
                entry = _next | 1;
                _next += 0x1000;
            }
            table = entry & AddressBits;
        }
    }

    private void AssertTranslates(in CpuState state, ulong linear, ulong expected)
    {
        Assert.True(
            ExitHandling<FakePlatform, Svm<FakePlatform>>.GuestMemory.TryTranslate(Root, state, linear, out GuestPhysicalAddress physical));
        Assert.Equal(expected, physical.Value);
    }

    private void AssertAbsent(in CpuState state, ulong linear)
        => Assert.False(ExitHandling<FakePlatform, Svm<FakePlatform>>.GuestMemory.TryTranslate(Root, state, linear, out _));
}

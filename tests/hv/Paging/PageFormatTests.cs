using Switcher.Boot.Memory;
using Switcher.Hv.Paging;
using Xunit;

namespace Switcher.Tests.Hv.Paging;

/// <summary>The bits, row by row, as the manuals' tables have them.</summary>
public sealed class PageFormatTests
{
    private static readonly HostPhysicalAddress Page = new(0x12_3456_7000);
    private static readonly HostPhysicalAddress Large = new(0x12_3460_0000);

    // APM vol. 2, 5.3.3 "4-Kbyte Page Translation", Figure 5-21; P 0, R/W 1, U/S 2, A 5, D 6, PS 7, NX 63.
    [Theory]
    [InlineData(Access.Read, 0x8000_0000_0000_0065)]
    [InlineData(Access.ReadWrite, 0x8000_0000_0000_0067)]
    [InlineData(Access.ReadExecute, 0x65)]
    [InlineData(Access.ReadWriteExecute, 0x67)]
    public void Npt_Leaf_HasTheBitsOfTheManual(Access access, ulong bits)
    {
        Assert.Equal(Page.Value | bits, PageEntry<NptFormat>.Leaf(Page, 1, access, CacheType.Uncacheable));
        Assert.Equal(Large.Value | bits | 0x80, PageEntry<NptFormat>.Leaf(Large, 2, access, CacheType.Uncacheable));
        Assert.Equal(access, PageEntry<NptFormat>.AccessOf(bits));
        Assert.True(PageEntry.IsPresent(bits) && !PageEntry.IsTable(bits, 1));
        Assert.True(PageEntry.IsTable(bits, 2) && !PageEntry.IsTable(bits | 0x80, 3));
        Assert.Equal(Page.Value | 0x27, PageEntry<NptFormat>.Table(Page));
    }

    // SDM vol. 3, 29.3.2 "EPT Translation Mechanism": R 0, W 1, X 2, type 5:3, large 7, A 8, D 9.
    [Theory]
    [InlineData(Access.Read, CacheType.WriteBack, 0x331)]
    [InlineData(Access.ReadWrite, CacheType.Uncacheable, 0x303)]
    [InlineData(Access.ReadExecute, CacheType.WriteCombining, 0x30D)]
    [InlineData(Access.ReadWriteExecute, CacheType.WriteThrough, 0x327)]
    [InlineData(Access.ReadWriteExecute, CacheType.WriteProtected, 0x32F)]
    public void Ept_Leaf_HasTheBitsOfTheManual(Access access, CacheType type, ulong bits)
    {
        Assert.Equal(Page.Value | bits, PageEntry<EptFormat>.Leaf(Page, 1, access, type));
        Assert.Equal(Large.Value | bits | 0x80, PageEntry<EptFormat>.Leaf(Large, 2, access, type));
        Assert.Equal(access, PageEntry<EptFormat>.AccessOf(bits));
        Assert.Equal(type, EptFormat.TypeOf(bits));
        Assert.True(PageEntry.IsPresent(bits) && !PageEntry.IsTable(bits, 1));
        Assert.True(PageEntry.IsTable(bits, 2) && !PageEntry.IsTable(bits | 0x80, 3));
        Assert.Equal(Page.Value | 0x107, PageEntry<EptFormat>.Table(Page));
        Assert.False(PageEntry.IsPresent(0));
    }

    // SDM vol. 3, 4.5.4 "Linear-Address Translation with 4-Level Paging and 5-Level Paging"; types by the PAT after reset.
    [Theory]
    [InlineData(Access.Read, CacheType.WriteBack, 0x8000_0000_0000_0061, CacheType.WriteBack)]
    [InlineData(Access.ReadWrite, CacheType.WriteThrough, 0x8000_0000_0000_006B, CacheType.WriteThrough)]
    [InlineData(Access.ReadExecute, CacheType.Uncacheable, 0x79, CacheType.Uncacheable)]
    [InlineData(Access.ReadWriteExecute, CacheType.WriteCombining, 0x7B, CacheType.Uncacheable)]
    public void Host_Leaf_HasTheBitsOfTheManual(Access access, CacheType type, ulong bits, CacheType effective)
    {
        Assert.Equal(Page.Value | bits, PageEntry<HostFormat>.Leaf(Page, 1, access, type));
        Assert.Equal(Large.Value | bits | 0x80, PageEntry<HostFormat>.Leaf(Large, 2, access, type));
        Assert.Equal(access, PageEntry<HostFormat>.AccessOf(bits));
        Assert.Equal(effective, HostFormat.TypeOf(bits));
        Assert.Equal(Page.Value | 0x23, PageEntry<HostFormat>.Table(Page));
    }

    [Fact]
    public void Entry_Shared_IsNoBitOfAnyFormat()
    {
        foreach (ulong bits in new[] { NptFormat.TableBits, EptFormat.TableBits, HostFormat.TableBits })
        {
            Assert.Equal(0UL, bits & PageEntry.Shared);
            Assert.Equal(Page.Value, PageEntry.Address(Page.Value | bits | PageEntry.Shared).Value);
        }
    }
}

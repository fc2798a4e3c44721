using Switcher.Efi.Cpu;
using Switcher.Hv.Switch;
using Xunit;

namespace Switcher.Tests.Loader;

/// <summary>What a parked guest finds in its first moments (UEFI 2.10, 2.3.4 "x64 Platforms"): its own page tables, GDT and IDT.</summary>
public unsafe class ParkContextTests
{
    private const ulong AddressMask = 0x000F_FFFF_FFFF_F000;
    private const int Levels = 4;

    [Theory]
    [InlineData(36, true)]
    [InlineData(39, true)]
    [InlineData(46, true)]
    [InlineData(36, false)]
    [InlineData(39, false)]
    public void PageTables_OfAParkedGuest_MapEveryAddressToItself(uint addressBits, bool hasHugePages)
    {
        Instructions.PhysicalAddressBits = addressBits;
        Instructions.HasHugePages = hasHugePages;
        ParkContext context = Park();
        ulong[] addresses = [0, 0x1000, 0x1F_FFFF, 0x4000_0123, 0xFEE0_0030, (1UL << 35) + 77, (1UL << (int)addressBits) - 1];
        foreach (ulong address in addresses)
            Assert.Equal(address, Translate(context.Cr3, address));
        Assert.Null(Translate(context.Cr3, 1UL << (int)addressBits));
    }

    [Fact]
    public void Tables_OfAParkedGuest_LieInItsPartition()
    {
        ParkContext context = Park();
        Assert.True(Machine.IsIn(Machine.Parked, context.Cr3));
        Assert.True(Machine.IsIn(Machine.Parked, context.GdtBase));
        Assert.True(Machine.IsIn(Machine.Parked, context.IdtBase));

        // An exception comes to code in the partition, by a present interrupt gate of the present code segment.
        for (ulong at = 0; at < context.IdtLimit; at += 16)
        {
            ulong low = *(ulong*)(context.IdtBase + at);
            ulong handler = (low & 0xFFFF) | ((low >> 32) & 0xFFFF_0000) | (*(ulong*)(context.IdtBase + at + 8) << 32);
            Assert.True(Machine.IsIn(Machine.Parked, handler));
            Assert.Equal(0x8EUL, (low >> 40) & 0xFF);
            Assert.Equal(Instructions.ReadCs(), (ushort)(low >> 16));
        }
    }

    private static ParkContext Park()
    {
        var machine = new Machine();
        Assert.True(machine.Run(Machine.Parked, services => services.ExitBootServices()));
        return *(ParkContext*)machine.ParkCalls[0].Context;
    }

    /// <summary>Where a linear address leads (APM vol. 2, 5.3 "Long-Mode Page Translation"), or null.</summary>
    private static ulong? Translate(ulong root, ulong address)
    {
        const ulong Present = 1;
        const ulong LargePage = 0x80;
        ulong table = root;
        for (int level = Levels; level >= 1; level--)
        {
            int shift = 12 + (9 * (level - 1));
            Assert.True(Machine.IsIn(Machine.Parked, table));
            ulong entry = ((ulong*)table)[(address >> shift) & 0x1FF];
            if ((entry & Present) == 0)
                return null;
            ulong below = (1UL << shift) - 1;
            if (level == 1 || (entry & LargePage) != 0)
                return (entry & AddressMask & ~below) | (address & below);
            table = entry & AddressMask;
        }

        return null;
    }
}

using System;
using Switcher.Boot.Memory;
using Switcher.Efi.Cpu;
using Switcher.Hv.Paging;

namespace Switcher.Efi.Loader;

/// <summary>
/// An identity map of the physical address space for a parked guest, in its partition (APM vol. 2, 5.3 "Long-Mode Page Translation"). Pages
/// of 1 GiB, or of 2 MiB on CPUs without them, which have no more than 512 GiB of addresses.
/// </summary>
internal static unsafe class IdentityMap
{
    private const ulong PresentAndWritable = 3;
    private const ulong LargePage = 0x80;
    private const int EntriesBits = 9;
    private const int EntriesInTable = 1 << EntriesBits;
    private const int HugeShift = 30;
    private const int LargeShift = 21;

    // Half of the 48-bit linear addresses are negative; the other half ends here.
    private const int LinearBits = 47;
    private const int SmallMachineBits = 39;

    /// <summary>Builds it for the paging mode that the CPU is in.</summary>
    /// <returns>The value of CR3, or 0.</returns>
    public static ulong Create(Session* session)
    {
        const ulong La57 = 1 << 12;
        bool hasHugePages = HasHugePages();
        int bits = Math.Min(PhysicalAddressBits(), hasHugePages ? LinearBits : SmallMachineBits);

        // Tables of the lowest level, then those above, each with 512 times fewer; the root is one table in any case.
        int leafShift = hasHugePages ? HugeShift : LargeShift;
        int levels = (Instructions.ReadCr4() & La57) != 0 ? 5 : 4;
        int leafLevel = hasHugePages ? 3 : 2;
        ulong tables = 0;
        for (int level = leafLevel; level <= levels; level++)
            tables += TablesAt(level, leafLevel, bits - leafShift);
        var memory = (ulong*)MemoryServices.Allocate(session, MemoryType.Reserved, tables * PageSize.Small);
        if (memory == null)
            return 0;

        ulong* below = memory;
        for (ulong i = 0; i < TablesAt(leafLevel, leafLevel, bits - leafShift) * EntriesInTable; i++)
            memory[i] = i >> (bits - leafShift) == 0 ? (i << leafShift) | PresentAndWritable | LargePage : 0;
        for (int level = leafLevel + 1; level <= levels; level++)
        {
            ulong count = TablesAt(level - 1, leafLevel, bits - leafShift);
            ulong* table = below + (count * EntriesInTable);
            for (ulong i = 0; i < TablesAt(level, leafLevel, bits - leafShift) * EntriesInTable; i++)
                table[i] = i < count ? ((ulong)below + (i * PageSize.Small)) | PresentAndWritable : 0;
            below = table;
        }

        return (ulong)below;
    }

    /// <summary>How many tables a level needs for 2^<paramref name="leafBits"/> pages.</summary>
    private static ulong TablesAt(int level, int leafLevel, int leafBits)
    {
        int bits = leafBits - (EntriesBits * (level - leafLevel + 1));
        return bits <= 0 ? 1 : 1UL << bits;
    }

    /// <summary>APM vol. 3, E.4.2: Fn8000_0001 EDX bit 26.</summary>
    private static bool HasHugePages()
    {
        uint* result = stackalloc uint[4];
        Instructions.Cpuid(0x8000_0001, 0, result);
        return (result[3] & (1 << 26)) != 0;
    }

    /// <summary>APM vol. 3, E.4.7: Fn8000_0008 EAX[7:0].</summary>
    private static int PhysicalAddressBits()
    {
        uint* result = stackalloc uint[4];
        Instructions.Cpuid(0x8000_0000, 0, result);
        if (result[0] < 0x8000_0008)
            return 36;
        Instructions.Cpuid(0x8000_0008, 0, result);
        return (int)(result[0] & 0xFF);
    }
}

using System;
using Switcher.Boot.Memory;

namespace Switcher.Hv.Paging;

/// <summary>
/// The memory types that the MTRRs give to physical addresses: SDM vol. 3, 12.11 "Memory Type Range Registers (MTRRs)"; APM vol. 2, 7.7
/// means the same. A view of the registers' values, which the caller reads.
/// </summary>
public readonly ref struct MtrrMap
{
    /// <summary>Registers of fixed ranges: 64K_00000, 16K_80000, 16K_A0000, then 4K_C0000 to 4K_F8000.</summary>
    public const int FixedRegisters = 11;

    private const ulong FixedEnd = 1024 * 1024;
    private const ulong FixedEnable = 1 << 10;
    private const ulong Enable = 1 << 11;
    private const ulong Valid = 1 << 11;
    private const ulong TypeMask = 0xFF;

    private readonly ulong defaultType;
    private readonly ulong addressMask;
    private readonly ReadOnlySpan<ulong> fixedRanges;
    private readonly ReadOnlySpan<ulong> variableRanges;

    /// <param name="defaultType">IA32_MTRR_DEF_TYPE.</param>
    /// <param name="fixedRanges">The <see cref="FixedRegisters"/> values, or none where IA32_MTRRCAP has no FIX.</param>
    /// <param name="variableRanges">IA32_MTRR_PHYSBASEn and IA32_MTRR_PHYSMASKn by turns, as many as IA32_MTRRCAP.VCNT says.</param>
    /// <param name="physicalAddressBits">CPUID.80000008H:EAX[7:0].</param>
    public MtrrMap(ulong defaultType, ReadOnlySpan<ulong> fixedRanges, ReadOnlySpan<ulong> variableRanges, int physicalAddressBits)
    {
        this.defaultType = defaultType;
        this.fixedRanges = fixedRanges;
        this.variableRanges = variableRanges;
        addressMask = ((1UL << physicalAddressBits) - 1) & ~(PageSize.Small - 1);
    }

    /// <summary>The type of the page that holds <paramref name="address"/>.</summary>
    public CacheType TypeOf(ulong address)
    {
        if ((defaultType & Enable) == 0)
            return CacheType.Uncacheable;
        return HasFixed && address < FixedEnd ? FixedType(address) : VariableType(address);
    }

    /// <summary>The type of the page that holds <paramref name="address"/>, and how far from it upwards the type is the same.</summary>
    /// <param name="address">Any address.</param>
    /// <param name="limit">Where to stop looking.</param>
    /// <param name="end">The first address of another type, or <paramref name="limit"/>.</param>
    public CacheType TypeOf(ulong address, ulong limit, out ulong end)
    {
        CacheType type = TypeOf(address);
        end = NextBoundary(address);
        while (end < limit && TypeOf(end) == type)
            end = NextBoundary(end);
        end = Math.Min(end, limit);
        return type;
    }

    private bool HasFixed => (defaultType & FixedEnable) != 0 && fixedRanges.Length == FixedRegisters;

    // SDM vol. 3, 12.11.2.2 "Fixed Range MTRRs", Table 12-9: each register holds 8 types, of ranges of 64, 16 and 4 KiB.
    private CacheType FixedType(ulong address)
    {
        ulong index = address switch
        {
            < 0x80000 => address / 0x10000,
            < 0xC0000 => 8 + ((address - 0x80000) / 0x4000),
            _ => 24 + ((address - 0xC0000) / 0x1000),
        };
        return Clean((fixedRanges[(int)(index / 8)] >> (int)(8 * (index % 8))) & TypeMask);
    }

    // SDM vol. 3, 12.11.4.1 "MTRR Precedences".
    private CacheType VariableType(ulong address)
    {
        bool matched = false;
        CacheType type = CacheType.Uncacheable;
        for (int i = 0; i + 1 < variableRanges.Length; i += 2)
        {
            ulong mask = variableRanges[i + 1];
            if ((mask & Valid) == 0 || ((address ^ variableRanges[i]) & mask & addressMask) != 0)
                continue;
            CacheType another = Clean(variableRanges[i] & TypeMask);
            type = matched ? Combine(type, another) : another;
            matched = true;
        }

        return matched ? type : Clean(defaultType & TypeMask);
    }

    private static CacheType Combine(CacheType left, CacheType right)
    {
        if (left == right)
            return left;

        // Write-through wins over write-back, uncacheable over all; what else overlaps is undefined, and uncacheable is the safe answer.
        return left is CacheType.WriteBack or CacheType.WriteThrough && right is CacheType.WriteBack or CacheType.WriteThrough
            ? CacheType.WriteThrough
            : CacheType.Uncacheable;
    }

    // Types 2, 3 and from 7 on are reserved; the processor refuses to have them written.
    private static CacheType Clean(ulong type) => type is 1 or 4 or 5 or 6 ? (CacheType)type : CacheType.Uncacheable;

    /// <summary>The first address above <paramref name="address"/> at which the type can change.</summary>
    private ulong NextBoundary(ulong address)
    {
        ulong boundary = ulong.MaxValue;
        if ((defaultType & Enable) == 0)
            return boundary;
        if (HasFixed && address < FixedEnd)
            return address < 0x80000 ? Above(address, 0x10000) : address < 0xC0000 ? Above(address, 0x4000) : Above(address, 0x1000);

        for (int i = 0; i + 1 < variableRanges.Length; i += 2)
        {
            ulong mask = variableRanges[i + 1] & addressMask;
            if ((variableRanges[i + 1] & Valid) == 0 || mask == 0)
                continue;

            // A mask without holes makes one range. Otherwise whether an address matches can change at every multiple of the mask's lowest
            // bit.
            ulong granule = mask & (~mask + 1);
            if (((mask + granule) & addressMask) != 0)
            {
                boundary = Math.Min(boundary, Above(address, granule));
                continue;
            }

            ulong start = variableRanges[i] & mask;
            if (start > address)
                boundary = Math.Min(boundary, start);
            else if (start + granule > address)
                boundary = Math.Min(boundary, start + granule);
        }

        return boundary;
    }

    private static ulong Above(ulong address, ulong granule) => PageSize.AlignDown(address, granule) + granule;
}

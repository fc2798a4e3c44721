using Switcher.Boot.Memory;
using Switcher.Boot.Text;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Guest;

/// <summary>
/// All memory that is the guest's and that it does not use itself, filled with a pattern in which every word depends on its address and on
/// the guest. Page 0 stays as it is: it belongs to the real-mode interrupt table.
/// </summary>
internal static unsafe class OwnMemory
{
    private const ulong Step = 0x9E37_79B9_7F4A_7C15;
    private const ulong WordStep = unchecked(Step * sizeof(ulong));
    private const ulong PageWords = MemoryDescriptor.PageSize / sizeof(ulong);

    private static ulong s_key;

    /// <summary>Bytes that carry the pattern.</summary>
    public static ulong Bytes { get; private set; }

    public static void Fill()
    {
        s_key = Mix(Options.Seed);
        ulong filled = 0;
        ForEachPart(&FillPart, ref filled);
        Bytes = filled;
    }

    /// <summary>Compares all of it and reports the first word that is wrong.</summary>
    /// <returns>How many words are wrong.</returns>
    public static ulong Check()
    {
        ulong wrong = 0;
        ForEachPart(&CheckPart, ref wrong);
        return wrong;
    }

    /// <summary>Some page that carries the pattern, at least 1 MiB up.</summary>
    public static ulong AnyPage()
    {
        ulong page = 0;
        ForEachPart(&TakePage, ref page);
        return page;
    }

    /// <summary>Restores the pattern of a page that was used for something else.</summary>
    public static void Restore(ulong page)
    {
        ulong filled = 0;
        FillPart(new MemoryRange(page, MemoryDescriptor.PageSize), ref filled);
    }

    private static void FillPart(MemoryRange range, ref ulong filled)
    {
        filled += range.Length;
        ulong* word = (ulong*)range.Start;
        ulong* end = (ulong*)range.End;
        ulong value = s_key + (range.Start * Step);
        while (word < end)
        {
            word[0] = value;
            word[1] = value + WordStep;
            word[2] = value + unchecked(WordStep * 2);
            word[3] = value + unchecked(WordStep * 3);
            value += unchecked(WordStep * 4);
            word += 4;
        }
    }

    private static void CheckPart(MemoryRange range, ref ulong wrong)
    {
        for (ulong page = range.Start; page < range.End; page += MemoryDescriptor.PageSize)
        {
            // The differences of a whole page are collected first: a branch for each word would double the time.
            ulong* words = (ulong*)page;
            ulong value = s_key + (page * Step);
            ulong difference = 0;
            for (ulong i = 0; i < PageWords; i += 4)
            {
                difference |= words[i] ^ value;
                difference |= words[i + 1] ^ (value + WordStep);
                difference |= words[i + 2] ^ (value + unchecked(WordStep * 2));
                difference |= words[i + 3] ^ (value + unchecked(WordStep * 3));
                value += unchecked(WordStep * 4);
            }

            if (difference != 0)
                CountWrong(page, ref wrong);
        }
    }

    private static void CountWrong(ulong page, ref ulong wrong)
    {
        for (ulong address = page; address < page + MemoryDescriptor.PageSize; address += sizeof(ulong))
        {
            ulong expected = s_key + (address * Step);
            ulong found = *(ulong*)address;
            if (found == expected || wrong++ != 0)
                continue;
            LogLine line = Report.BeginBad("memory is not as it was"u8);
            line.Hex("address"u8, address);
            line.Hex("found"u8, found);
            line.Hex("expected"u8, expected);
            line.WriteTo<DebugPort>();
        }
    }

    private static void TakePage(MemoryRange range, ref ulong page)
    {
        if (page == 0 && range.Start >= 1 << 20)
            page = range.Start;
    }

    /// <summary>Calls a method for each part of the guest's memory that it does not use itself.</summary>
    private static void ForEachPart(delegate*<MemoryRange, ref ulong, void> method, ref ulong state)
    {
        for (int i = 0; i < MemoryMap.Count; i++)
        {
            if (!MemoryMap.IsUsable(MemoryMap.At(i)))
                continue;
            MemoryRange range = MemoryMap.RangeOf(MemoryMap.At(i));
            ulong start = range.Start == 0 ? MemoryDescriptor.PageSize : range.Start;
            ulong limit = range.End < PageTables.End ? range.End : PageTables.End;
            while (start < limit)
            {
                MemoryRange used = NextUsed(start);
                ulong end = used.Start < limit ? used.Start : limit;
                if (end > start)
                    method(MemoryRange.FromBounds(start, end), ref state);
                start = used.End > end ? used.End : end;
            }
        }
    }

    /// <summary>The first range in use that ends behind an address.</summary>
    private static MemoryRange NextUsed(ulong address)
    {
        MemoryRange next = new(ulong.MaxValue - 1, 1);
        Consider(MemoryRange.FromBounds(Arena.Start, Arena.End), address, ref next);
        Consider(Firmware.ImageRange, address, ref next);
        Consider(Trampoline.Range, address, ref next);
        return next;
    }

    private static void Consider(MemoryRange used, ulong address, ref MemoryRange next)
    {
        if (used.End > address && used.Start < next.Start)
            next = used;
    }

    private static ulong Mix(ulong value)
    {
        value *= 0xBF58_476D_1CE4_E5B9;
        value ^= value >> 31;
        return (value * 0x94D0_49BB_1331_11EB) | 1;
    }
}

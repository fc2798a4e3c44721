using System;
using Switcher.Agent.Linux;

namespace Switcher.Agent;

/// <summary>What the guest's kernel says about its memory, and physical memory itself through /dev/mem.</summary>
internal static unsafe class Memory
{
    private const int PageSize = 4096;

    /// <summary>Bytes that programs can still get without anything being pushed out.</summary>
    public static ulong Available() => FromMeminfo("MemAvailable:"u8);

    /// <summary>Bytes that the kernel manages.</summary>
    public static ulong Total() => FromMeminfo("MemTotal:"u8);

    /// <summary>The physical address behind an address of this process, or 0 (Linux documentation, "pagemap").</summary>
    public static ulong PhysicalAddress(ulong address)
    {
        const ulong present = 1UL << 63;
        const ulong frame = (1UL << 55) - 1;
        long file = Kernel.Open("/proc/self/pagemap\0"u8, Kernel.ReadOnly);
        if (file < 0)
            return 0;
        ulong entry = 0;
        Kernel.ReadAt(file, new Span<byte>(&entry, sizeof(ulong)), address / PageSize * sizeof(ulong));
        Kernel.Close(file);
        return (entry & present) == 0 ? 0 : ((entry & frame) * PageSize) + (address % PageSize);
    }

    /// <summary>Adds "start-end,start-end" of all System RAM in /proc/iomem, both ends included.</summary>
    public static void AddSystemRam(ref TextLine line)
    {
        byte* storage = stackalloc byte[16 << 10];
        ReadOnlySpan<byte> text = TextFile.Read("/proc/iomem\0"u8, new Span<byte>(storage, 16 << 10));
        bool first = true;
        while (text.Length > 0)
        {
            int end = Words.Find(text, "\n"u8);
            ReadOnlySpan<byte> entry = end < 0 ? text : text.Slice(0, end);
            text = end < 0 ? default : text.Slice(end + 1);

            // Lines that begin with a blank are parts of the range above them.
            if (entry.Length == 0 || entry[0] == ' ' || Words.Find(entry, " : System RAM"u8) < 0)
                continue;
            var words = new Words(entry);
            ReadOnlySpan<byte> range = words.Next();
            int dash = Words.Find(range, "-"u8);
            if (dash < 0)
                continue;
            if (!first)
                line.Add((byte)',');
            first = false;
            line.Add("0x"u8);
            line.Add(range.Slice(0, dash));
            line.Add("-0x"u8);
            line.Add(range.Slice(dash + 1));
        }
    }

    /// <summary>Reads physical memory and, if asked, overwrites it.</summary>
    /// <param name="address">Physical address, a multiple of 8.</param>
    /// <param name="words">How many words of 8 bytes.</param>
    /// <param name="write">Whether to write <paramref name="value"/> into every word after it was read.</param>
    /// <param name="ones">How many words read as all ones.</param>
    /// <param name="first">The first word read.</param>
    /// <returns>0, or a negative error number.</returns>
    public static long Touch(ulong address, ulong words, bool write, ulong value, out ulong ones, out ulong first)
    {
        ones = first = 0;
        long file = Kernel.Open("/dev/mem\0"u8, Kernel.ReadWrite | Kernel.Synchronous);
        if (file < 0)
            return file;
        ulong start = address & ~(ulong)(PageSize - 1);
        ulong length = (address - start) + (words * sizeof(ulong));
        long mapped = Kernel.Map(file, start, length);
        Kernel.Close(file);
        if (mapped < 0)
            return mapped;
        ulong* word = (ulong*)((ulong)mapped + (address - start));
        first = *word;
        for (ulong i = 0; i < words; i++, word++)
        {
            if (*word == ulong.MaxValue)
                ones++;
            if (write)
                *word = value;
        }

        Kernel.Unmap(mapped, length);
        return 0;
    }

    private static ulong FromMeminfo(ReadOnlySpan<byte> name)
    {
        byte* storage = stackalloc byte[PageSize];
        return TextFile.NumberAfter(TextFile.Read("/proc/meminfo\0"u8, new Span<byte>(storage, PageSize)), name) * 1024;
    }
}

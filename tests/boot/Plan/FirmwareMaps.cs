using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using CsCheck;
using Switcher.Boot.Memory;

namespace Switcher.Tests.Boot.Plan;

/// <summary>Firmware maps to test with: files under Data/maps, and any number of made-up ones.</summary>
public static class FirmwareMaps
{
    private static readonly MemoryType[] Types =
    [
        MemoryType.Conventional, MemoryType.Conventional, MemoryType.Conventional, MemoryType.BootServicesCode,
        MemoryType.BootServicesData, MemoryType.LoaderData,
        MemoryType.Reserved, MemoryType.RuntimeServicesCode, MemoryType.RuntimeServicesData, MemoryType.AcpiReclaim, MemoryType.AcpiNvs,
        MemoryType.MemoryMappedIo,
        MemoryType.Unusable, MemoryType.Persistent, (MemoryType)0x80000001,
    ];

    private static readonly Gen<MemoryType> AnyType = Gen.Int[0, Types.Length - 1].Select(i => Types[i]);

    /// <summary>
    /// Maps as a PC may have them: conventional memory below 640 KiB, some hundred MiB to some GiB below 4 GiB and any amount above, with
    /// ranges of all types and gaps in between, in any order.
    /// </summary>
    public static Gen<MemoryDescriptor[]> Random { get; } =
        from low in Gen.Select(Gen.Int[1, 30], Gen.Int[20, 159]).Array[1, 3]
        from middle in Gen.Select(AnyType, Gen.UInt[1, 4000], Gen.Bool).Array[1, 40]
        from largeAt in Gen.Int[0, middle.Length - 1]
        from large in Gen.UInt[120_000, 700_000]
        from high in Gen.Select(AnyType, Gen.UInt[1, 2_000_000], Gen.Bool).Array[0, 6]
        from order in Gen.Int
        select Build(low, middle, largeAt, large, high, order);

    /// <summary>Lines of a hexadecimal start, a hexadecimal end (the first byte after it), a type and attributes.</summary>
    public static MemoryDescriptor[] Load(string name)
    {
        List<MemoryDescriptor> map = [];
        foreach (string line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Data", "maps", name + ".txt")))
        {
            string[] fields = line.Split('#')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 0)
                continue;
            MemoryRange range = MemoryRange.FromBounds(Hex(fields[0]), Hex(fields[1]));
            map.Add(new MemoryDescriptor((MemoryType)uint.Parse(fields[2], CultureInfo.InvariantCulture), range,
                (MemoryAttributes)Hex(fields[3])));
        }

        return [.. map];
    }

    public static string[] Names() =>
        [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Data", "maps"), "*.txt").Select(Path.GetFileNameWithoutExtension)
            .Order()!];

    private static ulong Hex(string text) => ulong.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static MemoryDescriptor[] Build(
        (int Gap, int End)[] low, (MemoryType Type, uint Pages, bool Gap)[] middle, int largeAt, uint large,
        (MemoryType Type, uint Pages, bool Gap)[] high, int order)
    {
        List<MemoryDescriptor> map = [];
        ulong next = 0;
        foreach ((int gap, int end) in low)
        {
            ulong start = Math.Max(next, (ulong)gap * PageSize.Small);
            if ((ulong)end * PageSize.Small > start)
                Add(MemoryType.Conventional, (((ulong)end * PageSize.Small) - start) / PageSize.Small, ref start);
            next = Math.Max(next, start);
        }

        next = 0x100000;
        for (int i = 0; i < middle.Length; i++)
        {
            if (i == largeAt)
                Add(MemoryType.Conventional, large, ref next);
            Add(middle[i].Type, middle[i].Pages, ref next);
            next += middle[i].Gap ? middle[i].Pages % 7 * PageSize.Small : 0;
        }

        next = 0x1_0000_0000;
        foreach ((MemoryType type, uint pages, bool gap) in high)
        {
            Add(type, pages, ref next);
            next += gap ? pages % 700 * PageSize.Small : 0;
        }

        MemoryDescriptor[] result = [.. map];
        new Random(order).Shuffle(result);
        return result;

        void Add(MemoryType type, ulong pages, ref ulong at)
        {
            MemoryAttributes attribute = type is MemoryType.RuntimeServicesCode or MemoryType.RuntimeServicesData
                ? MemoryAttributes.Default | MemoryAttributes.Runtime
                : MemoryAttributes.Default;
            map.Add(new MemoryDescriptor(type, new MemoryRange(at, pages * PageSize.Small), attribute));
            at += pages * PageSize.Small;
        }
    }
}

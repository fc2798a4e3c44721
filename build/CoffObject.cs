using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace Switcher.Build;

/// <summary>A named place in a section.</summary>
public readonly record struct CoffSymbol(string Name, int Offset, bool IsFunction);

/// <summary>A 32-bit field that the linker fills with the distance to a symbol.</summary>
/// <param name="Offset">Where the field lies in its section.</param>
/// <param name="Symbol">What it refers to; undefined in this object unless a section defines it.</param>
/// <param name="TrailingBytes">Bytes of the same instruction behind the field, 0 to 5: the distance counts from their end.</param>
public readonly record struct CoffRelocation(int Offset, string Symbol, int TrailingBytes);

/// <summary>One section of an object file.</summary>
public sealed class CoffSection(string name, uint characteristics)
{
    // Microsoft PE and COFF specification, "Section Flags".
    public const uint Code = 0x6050_0020;           // CNT_CODE, ALIGN_16BYTES, MEM_EXECUTE, MEM_READ
    public const uint ReadOnlyData = 0x4050_0040;   // CNT_INITIALIZED_DATA, ALIGN_16BYTES, MEM_READ
    public const uint WritableData = 0xC050_0040;   // CNT_INITIALIZED_DATA, ALIGN_16BYTES, MEM_READ, MEM_WRITE

    /// <summary>Up to eight ASCII characters.</summary>
    public string Name { get; } = name;

    public uint Characteristics { get; } = characteristics;

    public MemoryStream Content { get; } = new();

    public List<CoffSymbol> Symbols { get; } = [];

    public List<CoffRelocation> Relocations { get; } = [];

    /// <summary>Pads to a multiple of 16 with <paramref name="filler"/> and defines a symbol there.</summary>
    public void Define(string symbol, bool isFunction, byte filler)
    {
        while (Content.Length % 16 != 0)
            Content.WriteByte(filler);
        Symbols.Add(new CoffSymbol(symbol, (int)Content.Length, isFunction));
    }
}

/// <summary>Writes a relocatable object for x64: Microsoft PE and COFF specification, "Common Object File Format".</summary>
public static class CoffObject
{
    private const ushort MachineAmd64 = 0x8664;
    private const int HeaderSize = 20;
    private const int SectionHeaderSize = 40;
    private const int RelocationSize = 10;
    private const ushort RelocationRel32 = 4;       // IMAGE_REL_AMD64_REL32; _1 to _5 follow, one for each trailing byte
    private const byte StorageClassExternal = 2;
    private const ushort TypeFunction = 0x20;

    public static byte[] Write(IReadOnlyList<CoffSection> sections)
    {
        (Dictionary<string, uint> indexes, List<(CoffSymbol Symbol, short Section)> symbols) = NumberSymbols(sections);
        var file = new MemoryStream();
        var writer = new BinaryWriter(file, Encoding.ASCII);
        int rawData = HeaderSize + (SectionHeaderSize * sections.Count);
        int end = rawData;
        foreach (CoffSection section in sections)
            end += (int)section.Content.Length + (RelocationSize * section.Relocations.Count);

        writer.Write(MachineAmd64);
        writer.Write((ushort)sections.Count);
        writer.Write(0u);                           // no time stamp: equal input gives equal output
        writer.Write(end);
        writer.Write(symbols.Count);
        writer.Write((ushort)0);                    // no optional header
        writer.Write((ushort)0);

        foreach (CoffSection section in sections)
        {
            int size = (int)section.Content.Length;
            int count = section.Relocations.Count;
            writer.Write(Encoding.ASCII.GetBytes(section.Name.PadRight(8, '\0')));
            writer.Write(0u);
            writer.Write(0u);
            writer.Write(size);
            writer.Write(rawData);
            writer.Write(count == 0 ? 0 : rawData + size);
            writer.Write(0u);
            writer.Write(checked((ushort)count));
            writer.Write((ushort)0);
            writer.Write(section.Characteristics);
            rawData += size + (RelocationSize * count);
        }

        foreach (CoffSection section in sections)
        {
            writer.Write(section.Content.ToArray());
            foreach (CoffRelocation relocation in section.Relocations)
            {
                writer.Write(relocation.Offset);
                writer.Write(indexes[relocation.Symbol]);
                writer.Write((ushort)(RelocationRel32 + relocation.TrailingBytes));
            }
        }

        WriteSymbols(writer, symbols);
        return file.ToArray();
    }

    private static (Dictionary<string, uint> Indexes, List<(CoffSymbol Symbol, short Section)> Symbols) NumberSymbols(
        IReadOnlyList<CoffSection> sections)
    {
        var indexes = new Dictionary<string, uint>(StringComparer.Ordinal);
        var symbols = new List<(CoffSymbol, short)>();
        for (int i = 0; i < sections.Count; i++)
        {
            foreach (CoffSymbol symbol in sections[i].Symbols)
            {
                if (!indexes.TryAdd(symbol.Name, (uint)symbols.Count))
                    throw new InvalidOperationException($"the symbol {symbol.Name} is defined twice");
                symbols.Add((symbol, (short)(i + 1)));
            }
        }

        foreach (CoffSection section in sections)
        {
            foreach (CoffRelocation relocation in section.Relocations)
            {
                if (indexes.TryAdd(relocation.Symbol, (uint)symbols.Count))
                    symbols.Add((new CoffSymbol(relocation.Symbol, 0, true), 0));
            }
        }

        return (indexes, symbols);
    }

    private static void WriteSymbols(BinaryWriter writer, List<(CoffSymbol Symbol, short Section)> symbols)
    {
        var strings = new MemoryStream();
        Span<byte> number = stackalloc byte[4];
        foreach ((CoffSymbol symbol, short section) in symbols)
        {
            byte[] name = Encoding.ASCII.GetBytes(symbol.Name);
            if (name.Length <= 8)
            {
                writer.Write(Encoding.ASCII.GetBytes(symbol.Name.PadRight(8, '\0')));
            }
            else
            {
                writer.Write(0u);
                writer.Write((uint)strings.Length + 4);     // the table's own length field is part of it
                strings.Write(name);
                strings.WriteByte(0);
            }

            writer.Write(symbol.Offset);
            writer.Write(section);
            writer.Write(symbol.IsFunction ? TypeFunction : (ushort)0);
            writer.Write(StorageClassExternal);
            writer.Write((byte)0);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(number, (uint)strings.Length + 4);
        writer.Write(number);
        writer.Write(strings.ToArray());
    }
}

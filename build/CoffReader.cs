using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Switcher.Build;

/// <summary>A symbol of an object file; section 0 means that another object defines it.</summary>
public readonly record struct ObjectSymbol(string Name, int Section, uint Offset);

/// <summary>A field that refers to a symbol. <paramref name="Type"/> is an IMAGE_REL_AMD64_ number.</summary>
public readonly record struct ObjectRelocation(uint Offset, int Symbol, ushort Type);

/// <summary>A section with its references.</summary>
public sealed record ObjectSection(string Name, ReadOnlyMemory<byte> Content, IReadOnlyList<ObjectRelocation> Relocations);

/// <summary>Reads x64 object files: Microsoft PE and COFF specification, "Common Object File Format".</summary>
public sealed class CoffReader
{
    private const int HeaderSize = 20;
    private const int SectionHeaderSize = 40;
    private const int SymbolSize = 18;
    private const int RelocationSize = 10;
    private const uint ManyRelocations = 0x0100_0000;   // IMAGE_SCN_LNK_NRELOC_OVFL: the count is in the first entry

    private readonly byte[] _file;
    private readonly int _symbols;
    private readonly int _strings;

    public CoffReader(byte[] file)
    {
        _file = file;
        _symbols = Int(8);
        int symbolCount = Int(12);
        _strings = _symbols + (SymbolSize * symbolCount);
        Symbols = ReadSymbols(symbolCount);
        Sections = ReadSections(Short(2));
    }

    /// <summary>In the order of the file: the section of a symbol is one more than its place here.</summary>
    public IReadOnlyList<ObjectSection> Sections { get; }

    /// <summary>In the order of the file, so that relocations can count in it; auxiliary records are empty symbols.</summary>
    public IReadOnlyList<ObjectSymbol> Symbols { get; }

    private List<ObjectSymbol> ReadSymbols(int count)
    {
        var symbols = new List<ObjectSymbol>(count);
        for (int i = 0; i < count; i++)
        {
            int at = _symbols + (SymbolSize * i);
            string name = Int(at) == 0 ? Text(_strings + Int(at + 4)) : Text(at, 8);
            symbols.Add(new ObjectSymbol(name, BinaryPrimitives.ReadInt16LittleEndian(_file.AsSpan(at + 12)), (uint)Int(at + 8)));
            for (int auxiliary = _file[at + 17]; auxiliary > 0; auxiliary--, i++)
                symbols.Add(default);
        }

        return symbols;
    }

    private List<ObjectSection> ReadSections(int count)
    {
        var sections = new List<ObjectSection>(count);
        for (int i = 0; i < count; i++)
        {
            int at = HeaderSize + Short(16) + (SectionHeaderSize * i);
            int data = Int(at + 20);
            var content = data == 0 ? default : _file.AsMemory(data, Int(at + 16));
            string name = Text(at, 8);
            if (name.StartsWith('/'))
                name = Text(_strings + int.Parse(name.AsSpan(1), CultureInfo.InvariantCulture));
            sections.Add(new ObjectSection(name, content, ReadRelocations(at)));
        }

        return sections;
    }

    private List<ObjectRelocation> ReadRelocations(int header)
    {
        int first = Int(header + 24);
        int count = Short(header + 32);
        int start = 0;
        if (((uint)Int(header + 36) & ManyRelocations) != 0)
        {
            count = Int(first);
            start = 1;
        }

        var relocations = new List<ObjectRelocation>(count);
        for (int i = start; i < count; i++)
        {
            int at = first + (RelocationSize * i);
            relocations.Add(new ObjectRelocation((uint)Int(at), Int(at + 4), Short(at + 8)));
        }

        return relocations;
    }

    private int Int(int offset) => BinaryPrimitives.ReadInt32LittleEndian(_file.AsSpan(offset));

    private ushort Short(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(_file.AsSpan(offset));

    private string Text(int offset, int limit = int.MaxValue)
    {
        ReadOnlySpan<byte> bytes = _file.AsSpan(offset);
        if (bytes.Length > limit)
            bytes = bytes[..limit];
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }
}

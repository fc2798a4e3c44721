using System;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Reflection.PortableExecutable;

namespace Switcher.Build;

/// <summary>
/// Turns an image that is linked for a fixed address into a static Linux program: System V ABI, "Object Files", with one loaded segment for
/// each section.
/// </summary>
public static class ElfConverter
{
    private const int HeaderSize = 64;
    private const int ProgramHeaderSize = 56;
    private const int PageSize = 4096;
    private const uint SegmentLoad = 1;
    private const uint SegmentStack = 0x6474_E551;   // PT_GNU_STACK: its flags are those of the stack
    private const uint Execute = 1;
    private const uint Write = 2;
    private const uint Read = 4;

    public static byte[] Convert(byte[] image)
    {
        using var reader = new PEReader(new MemoryStream(image));
        PEHeader header = reader.PEHeaders.PEHeader ?? throw new InvalidDataException("the image has no optional header");
        if (header.BaseRelocationTableDirectory.Size != 0)
            throw new InvalidDataException("the image is not linked for a fixed address");

        ImmutableArray<SectionHeader> sections = [.. reader.PEHeaders.SectionHeaders.Where(section => section.VirtualSize != 0)];
        var file = new MemoryStream();
        var writer = new BinaryWriter(file);
        WriteHeader(writer, header.ImageBase + (uint)header.AddressOfEntryPoint, sections.Length + 1);

        long offset = PageSize;
        foreach (SectionHeader section in sections)
        {
            ulong address = header.ImageBase + (uint)section.VirtualAddress;
            int size = Math.Min(section.SizeOfRawData, section.VirtualSize);
            WriteProgramHeader(writer, SegmentLoad, Flags(section), offset, address, size, section.VirtualSize);
            offset += RoundUp(size);
        }

        WriteProgramHeader(writer, SegmentStack, Read | Write, 0, 0, 0, 0);
        foreach (SectionHeader section in sections)
        {
            file.SetLength(RoundUp(file.Length));
            file.Position = file.Length;
            writer.Write(image.AsSpan(section.PointerToRawData, Math.Min(section.SizeOfRawData, section.VirtualSize)));
        }

        return file.ToArray();
    }

    private static void WriteHeader(BinaryWriter writer, ulong entry, int segments)
    {
        writer.Write([0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0]);   // 64 bits, little-endian, version 1, System V
        writer.Write(0ul);
        writer.Write((ushort)2);                                             // ET_EXEC
        writer.Write((ushort)62);                                            // EM_X86_64
        writer.Write(1u);
        writer.Write(entry);
        writer.Write((ulong)HeaderSize);                                     // program headers follow; no section headers
        writer.Write(0ul);
        writer.Write(0u);
        writer.Write((ushort)HeaderSize);
        writer.Write((ushort)ProgramHeaderSize);
        writer.Write((ushort)segments);
        writer.Write((ushort)0);
        writer.Write((ushort)0);
        writer.Write((ushort)0);
    }

    private static void WriteProgramHeader(BinaryWriter writer, uint type, uint flags, long offset, ulong address, int size, int memorySize)
    {
        writer.Write(type);
        writer.Write(flags);
        writer.Write(offset);
        writer.Write(address);
        writer.Write(address);
        writer.Write((ulong)size);
        writer.Write((ulong)memorySize);
        writer.Write(type == SegmentLoad ? (ulong)PageSize : 16);
    }

    private static uint Flags(SectionHeader section) =>
        (section.SectionCharacteristics.HasFlag(SectionCharacteristics.MemRead) ? Read : 0)
        | (section.SectionCharacteristics.HasFlag(SectionCharacteristics.MemWrite) ? Write : 0)
        | (section.SectionCharacteristics.HasFlag(SectionCharacteristics.MemExecute) ? Execute : 0);

    private static long RoundUp(long size) => (size + PageSize - 1) / PageSize * PageSize;
}

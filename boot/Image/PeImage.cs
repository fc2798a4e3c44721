using System;
using System.Buffers.Binary;

namespace Switcher.Boot.Image;

/// <summary>
/// The headers of an x64 UEFI image: Microsoft PE format; UEFI 2.10, section 2.1.1 "UEFI Images". Files come from disks that anybody may
/// have written, so every offset is checked before it is used.
/// </summary>
public readonly ref struct PeImage
{
    private const ushort DosMagic = 0x5A4D;             // "MZ"
    private const uint PeMagic = 0x0000_4550;           // "PE"
    private const ushort MachineX64 = 0x8664;
    private const ushort OptionalMagic64 = 0x020B;
    private const ushort RelocationsStripped = 0x0001;  // IMAGE_FILE_RELOCS_STRIPPED
    private const ushort NxCompatible = 0x0100;         // IMAGE_DLLCHARACTERISTICS_NX_COMPAT
    private const int CoffHeaderSize = 24;              // with the magic
    private const int OptionalFixedSize = 112;          // up to the data directories
    private const int RelocationDirectory = 5;

    private readonly ReadOnlySpan<byte> _sections;
    private readonly ushort _fileFlags;
    private readonly ushort _dllFlags;

    private PeImage(ReadOnlySpan<byte> coff, ReadOnlySpan<byte> optional, ReadOnlySpan<byte> sections)
    {
        _sections = sections;
        _fileFlags = BinaryPrimitives.ReadUInt16LittleEndian(coff[22..]);
        _dllFlags = BinaryPrimitives.ReadUInt16LittleEndian(optional[70..]);
        EntryPoint = BinaryPrimitives.ReadUInt32LittleEndian(optional[16..]);
        ImageBase = BinaryPrimitives.ReadUInt64LittleEndian(optional[24..]);
        SectionAlignment = BinaryPrimitives.ReadUInt32LittleEndian(optional[32..]);
        SizeOfImage = BinaryPrimitives.ReadUInt32LittleEndian(optional[56..]);
        SizeOfHeaders = BinaryPrimitives.ReadUInt32LittleEndian(optional[60..]);
        Subsystem = (PeSubsystem)BinaryPrimitives.ReadUInt16LittleEndian(optional[68..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(optional[108..]) <= RelocationDirectory)
            return;
        int entry = OptionalFixedSize + (8 * RelocationDirectory);
        if (optional.Length < entry + 8)
            return;
        RelocationsAddress = BinaryPrimitives.ReadUInt32LittleEndian(optional[entry..]);
        RelocationsSize = BinaryPrimitives.ReadUInt32LittleEndian(optional[(entry + 4)..]);
    }

    /// <summary>The address that the image is linked for.</summary>
    public ulong ImageBase { get; }

    /// <summary>Bytes in memory.</summary>
    public uint SizeOfImage { get; }

    /// <summary>Bytes of the headers, in the file and in memory.</summary>
    public uint SizeOfHeaders { get; }

    /// <summary>Where sections start in memory, a power of two; at least 4096 if their flags can become page protections.</summary>
    public uint SectionAlignment { get; }

    /// <summary>Where execution starts, from the start of the image.</summary>
    public uint EntryPoint { get; }

    public PeSubsystem Subsystem { get; }

    public int SectionCount => _sections.Length / PeSection.HeaderSize;

    /// <summary>Whether the image allows its data to be without execution and its code to be without writing.</summary>
    public bool IsNxCompatible => (_dllFlags & NxCompatible) != 0;

    /// <summary>Whether the image runs at any address.</summary>
    public bool IsRelocatable => (_fileFlags & RelocationsStripped) == 0;

    /// <summary>Where the base relocations are, from the start of the image in memory.</summary>
    internal uint RelocationsAddress { get; }

    /// <summary>Bytes.</summary>
    internal uint RelocationsSize { get; }

    /// <summary>Reads the headers of a file, or of an image in memory, and checks that they agree with each other.</summary>
    public static PeStatus TryParse(ReadOnlySpan<byte> file, out PeImage image)
    {
        image = default;
        if (!BinaryPrimitives.TryReadUInt16LittleEndian(file, out ushort dosMagic) || dosMagic != DosMagic)
            return PeStatus.NotAnImage;
        if (file.Length < 0x40)
            return PeStatus.Truncated;
        uint start = BinaryPrimitives.ReadUInt32LittleEndian(file[0x3C..]);
        if (start > file.Length - CoffHeaderSize)
            return PeStatus.Truncated;
        ReadOnlySpan<byte> coff = file[(int)start..];
        if (BinaryPrimitives.ReadUInt32LittleEndian(coff) != PeMagic)
            return PeStatus.NotAnImage;
        if (BinaryPrimitives.ReadUInt16LittleEndian(coff[4..]) != MachineX64)
            return PeStatus.WrongMachine;

        int optionalSize = BinaryPrimitives.ReadUInt16LittleEndian(coff[20..]);
        int sectionsSize = PeSection.HeaderSize * BinaryPrimitives.ReadUInt16LittleEndian(coff[6..]);
        if (coff.Length < CoffHeaderSize + optionalSize + sectionsSize)
            return PeStatus.Truncated;
        if (optionalSize < OptionalFixedSize)
            return PeStatus.BadHeader;
        ReadOnlySpan<byte> optional = coff.Slice(CoffHeaderSize, optionalSize);
        if (BinaryPrimitives.ReadUInt16LittleEndian(optional) != OptionalMagic64)
            return PeStatus.WrongMachine;

        image = new PeImage(coff, optional, coff.Slice(CoffHeaderSize + optionalSize, sectionsSize));
        return image.Check(file.Length, (int)start + CoffHeaderSize + optionalSize + sectionsSize);
    }

    /// <summary>A row of the section table, from 0.</summary>
    public PeSection Section(int index) => new(_sections.Slice(PeSection.HeaderSize * index, PeSection.HeaderSize));

    private PeStatus Check(int fileLength, int headersEnd)
    {
        if (Subsystem is < PeSubsystem.EfiApplication or > PeSubsystem.EfiRuntimeDriver)
            return PeStatus.WrongSubsystem;
        if (SizeOfHeaders > fileLength)
            return PeStatus.Truncated;
        bool powerOfTwo = SectionAlignment != 0 && (SectionAlignment & (SectionAlignment - 1)) == 0;
        if (SizeOfHeaders < headersEnd || SizeOfHeaders > SizeOfImage || SizeOfImage > int.MaxValue || !powerOfTwo)
            return PeStatus.BadHeader;
        if (EntryPoint < SizeOfHeaders || EntryPoint >= SizeOfImage)
            return PeStatus.BadEntryPoint;
        for (int i = 0; i < SectionCount; i++)
        {
            PeSection section = Section(i);
            if (section.MemorySize == 0)
                continue;
            if (section.VirtualAddress < SizeOfHeaders || (ulong)section.VirtualAddress + section.MemorySize > SizeOfImage)
                return PeStatus.BadSection;
        }

        return (ulong)RelocationsAddress + RelocationsSize > SizeOfImage ? PeStatus.BadRelocation : PeStatus.Success;
    }
}

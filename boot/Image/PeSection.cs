using System;
using System.Buffers.Binary;

namespace Switcher.Boot.Image;

/// <summary>IMAGE_SCN_*: Microsoft PE format, "Section Flags".</summary>
[Flags]
public enum PeSectionFlags : uint
{
    Execute = 0x2000_0000,
    Read = 0x4000_0000,
    Write = 0x8000_0000,
}

/// <summary>One row of the section table: Microsoft PE format, "Section Table (Section Headers)".</summary>
public readonly struct PeSection
{
    internal const int HeaderSize = 40;

    internal PeSection(ReadOnlySpan<byte> header)
    {
        VirtualSize = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        VirtualAddress = BinaryPrimitives.ReadUInt32LittleEndian(header[12..]);
        FileSize = BinaryPrimitives.ReadUInt32LittleEndian(header[16..]);
        FileOffset = BinaryPrimitives.ReadUInt32LittleEndian(header[20..]);
        Flags = (PeSectionFlags)BinaryPrimitives.ReadUInt32LittleEndian(header[36..]);
    }

    /// <summary>Bytes in memory; 0 in old images that mean <see cref="FileSize"/>.</summary>
    public uint VirtualSize { get; }

    /// <summary>From the start of the image in memory.</summary>
    public uint VirtualAddress { get; }

    /// <summary>Bytes in the file, rounded up by the linker.</summary>
    public uint FileSize { get; }

    public uint FileOffset { get; }

    public PeSectionFlags Flags { get; }

    /// <summary>Bytes that come from the file; those up to <see cref="VirtualSize"/> are zero.</summary>
    public uint LoadedSize => VirtualSize == 0 ? FileSize : Math.Min(VirtualSize, FileSize);

    /// <summary>Bytes that the section takes in memory.</summary>
    public uint MemorySize => VirtualSize == 0 ? FileSize : VirtualSize;
}

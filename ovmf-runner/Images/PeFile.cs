using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;

namespace Switcher.Runner.Images;

/// <summary>
/// A PE32+ image to which sections are appended (Microsoft, "PE Format"). This is how a unified kernel image is made from systemd's stub:
/// kernel, initial root file system and command line become sections that the stub finds by name.
/// </summary>
public sealed class PeFile
{
    private const int SectionHeaderSize = 40;
    private const uint InitializedDataReadable = 0x4000_0040;

    private readonly List<byte[]> _appended = [];
    private readonly byte[] _image;
    private readonly int _peHeader;
    private readonly int _sectionTable;

    /// <summary>Takes an image as it is on disk.</summary>
    /// <exception cref="RunnerException">It is no PE32+ image.</exception>
    public PeFile(ReadOnlySpan<byte> image)
    {
        _image = image.ToArray();
        if (_image.Length < 0x40 || _image[0] != 'M' || _image[1] != 'Z')
            throw new RunnerException("not a PE image: no MZ header");
        _peHeader = BinaryPrimitives.ReadInt32LittleEndian(_image.AsSpan(0x3C));
        if (_peHeader < 0 || _peHeader > _image.Length - 0x88 || !_image.AsSpan(_peHeader, 4).SequenceEqual("PE\0\0"u8))
            throw new RunnerException("not a PE image: no PE header");
        if (BinaryPrimitives.ReadUInt16LittleEndian(Optional(0)) != 0x20B)
            throw new RunnerException("not a 64-bit PE image");
        _sectionTable = _peHeader + 24 + BinaryPrimitives.ReadUInt16LittleEndian(_image.AsSpan(_peHeader + 20));
    }

    /// <summary>How many sections the image has by now.</summary>
    public int SectionCount
    {
        get => BinaryPrimitives.ReadUInt16LittleEndian(_image.AsSpan(_peHeader + 6));
        private set => BinaryPrimitives.WriteUInt16LittleEndian(_image.AsSpan(_peHeader + 6), (ushort)value);
    }

    private uint SectionAlignment => BinaryPrimitives.ReadUInt32LittleEndian(Optional(32));

    private uint FileAlignment => BinaryPrimitives.ReadUInt32LittleEndian(Optional(36));

    private uint SizeOfHeaders => BinaryPrimitives.ReadUInt32LittleEndian(Optional(60));

    private uint SizeOfImage
    {
        get => BinaryPrimitives.ReadUInt32LittleEndian(Optional(56));
        set => BinaryPrimitives.WriteUInt32LittleEndian(Optional(56), value);
    }

    private uint SizeOfInitializedData
    {
        get => BinaryPrimitives.ReadUInt32LittleEndian(Optional(8));
        set => BinaryPrimitives.WriteUInt32LittleEndian(Optional(8), value);
    }

    /// <summary>Appends a readable data section behind all others, in memory and in the file.</summary>
    /// <param name="name">At most eight ASCII characters.</param>
    /// <exception cref="RunnerException">The image's header has no room for another section.</exception>
    public void AppendSection(string name, ReadOnlySpan<byte> content)
    {
        int header = _sectionTable + SectionCount * SectionHeaderSize;
        if (header + SectionHeaderSize > SizeOfHeaders)
            throw new RunnerException($"no room for section {name} in the PE header");
        uint fileSize = AlignUp((uint)content.Length, FileAlignment);
        Span<byte> entry = _image.AsSpan(header, SectionHeaderSize);
        entry.Clear();
        Encoding.ASCII.GetBytes(name, entry[..8]);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], (uint)content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], AlignUp(SizeOfImage, SectionAlignment));
        BinaryPrimitives.WriteUInt32LittleEndian(entry[16..], fileSize);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[20..], EndOfFile());
        BinaryPrimitives.WriteUInt32LittleEndian(entry[36..], InitializedDataReadable);
        byte[] padded = new byte[fileSize];
        content.CopyTo(padded);
        _appended.Add(padded);
        SizeOfImage = AlignUp(AlignUp(SizeOfImage, SectionAlignment) + (uint)content.Length, SectionAlignment);
        SizeOfInitializedData += fileSize;
        SectionCount++;
    }

    /// <summary>The image with everything that was appended.</summary>
    public byte[] ToArray()
    {
        var bytes = new List<byte>((int)EndOfFile());
        bytes.AddRange(_image);
        bytes.AddRange(new byte[AlignUp((uint)_image.Length, FileAlignment) - _image.Length]);
        foreach (byte[] section in _appended)
            bytes.AddRange(section);
        return [.. bytes];
    }

    private Span<byte> Optional(int offset) => _image.AsSpan(_peHeader + 24 + offset);

    private uint EndOfFile()
    {
        uint end = AlignUp((uint)_image.Length, FileAlignment);
        foreach (byte[] section in _appended)
            end += (uint)section.Length;
        return end;
    }

    private static uint AlignUp(uint value, uint alignment) => (value + alignment - 1) & ~(alignment - 1);
}

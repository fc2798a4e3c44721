using System;
using System.Buffers.Binary;
using Switcher.Boot.Image;

namespace Switcher.Tests.Boot.Image;

/// <summary>
/// A small UEFI application, as a file: one section of 0x20 bytes in the file and 0x40 in memory at 0x1000, base relocations at 0x2000. Its
/// fields can be changed one by one.
/// </summary>
internal sealed class TestImage
{
    public const ulong ImageBase = 0x1_4000_0000;
    public const uint SizeOfImage = 0x3000;
    public const int Header = 0x80;
    public const int Optional = Header + 24;
    public const int Sections = Optional + 160;
    public const int Code = 0x200;
    public const int Relocations = 0x220;

    // Where the two fields lie that hold addresses, from the start of the image in memory.
    public const uint WideField = 0x1008;
    public const uint NarrowField = 0x1010;

    public TestImage()
    {
        Put16(0, 0x5A4D);
        Put32(0x3C, Header);
        Put32(Header, 0x4550);
        Put16(Header + 4, 0x8664);
        Put16(Header + 6, 2);                       // sections
        Put16(Header + 20, 160);                    // optional header: 112 and six directories
        Put16(Header + 22, 0x0022);
        Put16(Optional, 0x020B);
        Put32(Optional + 16, 0x1004);               // entry point
        Put64(Optional + 24, ImageBase);
        Put32(Optional + 32, 0x1000);               // section alignment
        Put32(Optional + 36, 0x20);
        Put32(Optional + 56, SizeOfImage);
        Put32(Optional + 60, Code);                 // headers
        Put16(Optional + 68, (ushort)PeSubsystem.EfiApplication);
        Put16(Optional + 70, 0x0100);
        Put32(Optional + 108, 6);
        Put32(Optional + 152, 0x2000);
        Put32(Optional + 156, 14);
        PutSection(0, virtualSize: 0x40, address: 0x1000, fileSize: 0x20, offset: Code);
        PutSection(1, virtualSize: 14, address: 0x2000, fileSize: 0x10, offset: Relocations);
        File.AsSpan(Code, 0x20).Fill(0xCC);
        Put64(Code + 8, ImageBase + 0x1000);
        Put32(Code + 0x10, 0x4000_1000);
        Put32(Relocations, 0x1000);                 // page
        Put32(Relocations + 4, 14);                 // size of the block
        Put16(Relocations + 8, 0xA008);             // DIR64
        Put16(Relocations + 10, 0x3010);            // HIGHLOW
        Put16(Relocations + 12, 0x0000);            // ABSOLUTE: filler
    }

    public byte[] File { get; } = new byte[0x230];

    public void Put16(int offset, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(File.AsSpan(offset), value);

    public void Put32(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(File.AsSpan(offset), value);

    public void Put64(int offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(File.AsSpan(offset), value);

    private void PutSection(int index, uint virtualSize, uint address, uint fileSize, uint offset)
    {
        int at = Sections + (40 * index);
        Put32(at + 8, virtualSize);
        Put32(at + 12, address);
        Put32(at + 16, fileSize);
        Put32(at + 20, offset);
        Put32(at + 36, 0x6000_0020);
    }
}

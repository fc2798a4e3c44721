using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection.PortableExecutable;
using System.Text;
using CsCheck;
using Switcher.Runner;
using Switcher.Runner.Images;
using Xunit;

namespace Switcher.Tests.Runner;

public class PeFileTests
{
    [Fact]
    public void PeFile_AppendedSections_AreFoundByAnotherReader() =>
        Gen.Byte.Array[0, 3000].Array[1, 4].Sample(contents =>
        {
            var image = new PeFile(SmallImage());
            for (int i = 0; i < contents.Length; i++)
                image.AppendSection($".part{i}", contents[i]);
            byte[] bytes = image.ToArray();

            using var reader = new PEReader(new MemoryStream(bytes));
            List<SectionHeader> sections = [.. reader.PEHeaders.SectionHeaders];
            Assert.Equal(contents.Length + 1, sections.Count);
            PEHeader header = reader.PEHeaders.PEHeader!;
            int end = 0;
            for (int i = 0; i < sections.Count; i++)
            {
                Assert.Equal(0, sections[i].VirtualAddress % header.SectionAlignment);
                Assert.Equal(0, sections[i].PointerToRawData % header.FileAlignment);
                Assert.True(sections[i].VirtualAddress >= end);
                end = sections[i].VirtualAddress + sections[i].VirtualSize;
                if (i > 0)
                    Assert.Equal(contents[i - 1], bytes.Skip(sections[i].PointerToRawData).Take(sections[i].VirtualSize));
            }

            Assert.True(header.SizeOfImage >= end && header.SizeOfImage % header.SectionAlignment == 0);
            Assert.Equal(SmallImage().AsSpan(0x400, 0x200), bytes.AsSpan(0x400, 0x200));
        });

    [Fact]
    public void PeFile_HeaderFull_IsRefused()
    {
        var image = new PeFile(SmallImage());
        var error = Assert.Throws<RunnerException>(() =>
        {
            for (int i = 0; i < 100; i++)
                image.AppendSection(".more", "x"u8);
        });
        Assert.Equal("no room for section .more in the PE header", error.Message);
    }

    [Theory]
    [InlineData("", "not a PE image: no MZ header")]
    [InlineData("ELF", "not a PE image: no MZ header")]
    [InlineData("MZ", "not a PE image: no PE header")]
    public void PeFile_OtherBytes_AreRefusedWithTheReason(string start, string reason)
    {
        byte[] image = new byte[start.Length == 0 ? 0 : 100];
        Encoding.ASCII.GetBytes(start, image);
        Assert.Equal(reason, Assert.Throws<RunnerException>(() => new PeFile(image)).Message);
    }

    [Fact]
    public void UnifiedKernelImage_Parts_AreInTheirSections()
    {
        byte[] image = UnifiedKernelImage.Build(SmallImage(), "kernel"u8, "initrd"u8, "console=ttyS0");
        using var reader = new PEReader(new MemoryStream(image));
        Assert.Equal([".text", ".osrel", ".cmdline", ".initrd", ".linux"], reader.PEHeaders.SectionHeaders.Select(section => section.Name));
        Assert.Equal("console=ttyS0"u8.ToArray(), Content(".cmdline"));
        Assert.Equal("kernel"u8.ToArray(), Content(".linux"));
        Assert.Equal("initrd"u8.ToArray(), Content(".initrd"));

        byte[] Content(string name)
        {
            SectionHeader section = reader.PEHeaders.SectionHeaders.Single(header => header.Name == name);
            return image[section.PointerToRawData..(section.PointerToRawData + section.VirtualSize)];
        }
    }

    /// <summary>The smallest EFI program: one section of 0x200 bytes.</summary>
    private static byte[] SmallImage()
    {
        byte[] image = new byte[0x600];
        var writer = new BinaryWriter(new MemoryStream(image));
        writer.Write("MZ"u8);
        writer.Seek(0x3C, SeekOrigin.Begin);
        writer.Write(0x40);
        writer.Write("PE\0\0"u8);
        writer.Write((ushort)0x8664);       // Machine
        writer.Write((ushort)1);            // NumberOfSections
        writer.Write(new byte[12]);
        writer.Write((ushort)240);          // SizeOfOptionalHeader
        writer.Write((ushort)0x22);         // Characteristics
        writer.Write((ushort)0x20B);        // Magic
        writer.Write(new byte[30]);
        writer.Write(0x1000);               // SectionAlignment
        writer.Write(0x200);                // FileAlignment
        writer.Write(new byte[16]);
        writer.Write(0x2000);               // SizeOfImage
        writer.Write(0x400);                // SizeOfHeaders
        writer.Write(0);
        writer.Write((ushort)10);           // Subsystem: EFI application
        writer.Write(new byte[38]);
        writer.Write(16);                   // NumberOfRvaAndSizes
        writer.Write(new byte[128]);
        writer.Write(".text\0\0\0"u8);
        writer.Write(0x200);                // VirtualSize
        writer.Write(0x1000);               // VirtualAddress
        writer.Write(0x200);                // SizeOfRawData
        writer.Write(0x400);                // PointerToRawData
        image.AsSpan(0x400).Fill(0xC3);
        return image;
    }
}

using System.IO;
using System.Reflection.PortableExecutable;
using Switcher.Build;
using Xunit;

namespace Switcher.Tests.Efi;

public class ImageTests
{
    private const int LargestImage = 512 * 1024;

    private static byte[] Image { get; } = File.ReadAllBytes(BuiltFiles.Of("efi", "Switcher.efi"));

    [Fact]
    public void SwitcherImage_AsLinked_HasNoSectionThatIsWritableAndExecutable() => Assert.Empty(ImageCheck.Faults(Image));

    [Fact]
    public void SwitcherImage_AsLinked_IsAUefiApplicationThatCanBeMoved()
    {
        using var reader = new PEReader(new MemoryStream(Image));
        PEHeader header = reader.PEHeaders.PEHeader!;

        Assert.Equal(Machine.Amd64, reader.PEHeaders.CoffHeader.Machine);
        Assert.Equal(Subsystem.EfiApplication, header.Subsystem);
        Assert.NotEqual(0, header.BaseRelocationTableDirectory.Size);
        Assert.True(header.DllCharacteristics.HasFlag(DllCharacteristics.NxCompatible));
    }

    [Fact]
    public void SwitcherImage_AsLinked_IsSmall() => Assert.InRange(Image.Length, 1, LargestImage);
}

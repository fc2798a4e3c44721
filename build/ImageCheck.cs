using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection.PortableExecutable;

namespace Switcher.Build;

/// <summary>What a linked image must keep to.</summary>
public static class ImageCheck
{
    /// <summary>One line for each fault; none if the image is sound.</summary>
    public static IEnumerable<string> Faults(byte[] image)
    {
        using var reader = new PEReader(new MemoryStream(image));
        const SectionCharacteristics writableCode = SectionCharacteristics.MemWrite | SectionCharacteristics.MemExecute;
        foreach (SectionHeader section in reader.PEHeaders.SectionHeaders)
        {
            if ((section.SectionCharacteristics & writableCode) == writableCode)
                yield return $"the section {section.Name} is writable and executable";
        }
    }

    /// <summary>The sections and their bytes in memory, for the build's output.</summary>
    public static string Describe(byte[] image)
    {
        using var reader = new PEReader(new MemoryStream(image));
        return string.Join(", ", reader.PEHeaders.SectionHeaders.Select(section => $"{section.Name} {section.VirtualSize}"));
    }
}

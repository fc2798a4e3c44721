using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Switcher.Build;

/// <summary>The part of the build that judges and converts what compiler and linker made: run by <c>Freestanding.targets</c>.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["check-object", string path]:
                return Report(path, ObjectCheck.Faults(new CoffReader(File.ReadAllBytes(path))));
            case ["check-image", string path]:
                byte[] image = File.ReadAllBytes(path);
                Console.WriteLine($"  {Path.GetFileName(path)}: {image.Length} bytes ({ImageCheck.Describe(image)})");
                return Report(path, ImageCheck.Faults(image));
            case ["elf", string path, string program]:
                File.WriteAllBytes(program, ElfConverter.Convert(File.ReadAllBytes(path)));
                if (!OperatingSystem.IsWindows())
                    File.SetUnixFileMode(program, File.GetUnixFileMode(program) | UnixFileMode.UserExecute);
                return 0;
            default:
                Console.Error.WriteLine("usage: Switcher.Build check-object OBJECT | check-image IMAGE | elf IMAGE PROGRAM");
                return 2;
        }
    }

    // The form that the build takes for an error.
    private static int Report(string path, IEnumerable<string> faults)
    {
        var lines = faults.ToList();
        foreach (string fault in lines)
            Console.WriteLine($"{Path.GetFileName(path)} : error : {fault}");
        return lines.Count == 0 ? 0 : 1;
    }
}

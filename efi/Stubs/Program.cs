using System;
using System.IO;

namespace Switcher.Stubs;

/// <summary>The part of the build that makes machine code: run by <c>corelib/Freestanding.targets</c>.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["object", string kind, string path]:
                var stubs = new StubBuilder();
                StubSet.Define(kind, stubs);
                File.WriteAllBytes(path, stubs.Build());
                return 0;
            default:
                Console.Error.WriteLine("usage: Switcher.Stubs object efi OBJECT");
                return 2;
        }
    }
}

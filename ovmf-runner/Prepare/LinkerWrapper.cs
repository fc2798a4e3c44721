using System.IO;

namespace Switcher.Runner.Prepare;

/// <summary>
/// Writes <c>bin/lld-link</c>, which runs the unpacked linker with the unpacked C library, whatever the machine's own is.
/// </summary>
internal static class LinkerWrapper
{
    private const string Script = """
        #!/bin/sh
        # Runs the pinned lld-link with the libraries that were unpacked beside it.
        root="$(dirname "$(readlink -f "$0")")/../root"
        lib="$root/usr/lib/x86_64-linux-gnu"
        exec "$lib/ld-linux-x86-64.so.2" --library-path "$lib:$root/usr/lib/llvm-19/lib" "$root/usr/lib/llvm-19/bin/lld-link" "$@"

        """;

    public static void Write(Cache cache)
    {
        Directory.CreateDirectory(cache.Bin);
        string path = Path.Combine(cache.Bin, "lld-link");
        File.WriteAllText(path, Script);
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
    }
}

using System;

namespace Switcher.Boot.Config;

/// <summary>Programs that firmware lists beside systems and that are none: they do something, and return or restart.</summary>
public static class KnownTool
{
    private const int LongestName = 32;

    /// <summary>Whether an option starts one of them, by the names that they have everywhere.</summary>
    public static bool Is(in BootOption option)
    {
        Span<byte> name = stackalloc byte[LongestName];
        return IsOne(name[..LoaderPath.FileName(option, name)]) || IsOne(name[..LoaderPath.FileNameInOptions(option, name)]);
    }

    private static bool IsOne(ReadOnlySpan<byte> name)
    {
        // Firmware updaters (fwupd, by itself or through a shim), shells, memory testers, shim's own helpers, tools for keys.
        return name.StartsWith("fwup"u8) || name.StartsWith("shell"u8) || name.StartsWith("memtest"u8) || name.StartsWith("mt86"u8)
            || name.SequenceEqual("mmx64"u8) || name.SequenceEqual("fbx64"u8) || name.StartsWith("mokmanager"u8)
            || name.StartsWith("keytool"u8) || name.StartsWith("hashtool"u8);
    }
}

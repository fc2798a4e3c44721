using System;
using System.IO;

namespace Switcher.Tests.Efi;

/// <summary>Where the build has put what the tests look at.</summary>
internal static class BuiltFiles
{
    /// <summary>The folder that holds Switcher.sln.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>A file of another project, built in the configuration of this one.</summary>
    public static string Of(string project, string name) => Path.Combine(Repository, project, "bin", OutputFolder(), name);

    // .../tests/efi/bin/Debug/net10.0/ -> Debug/net10.0
    private static string OutputFolder()
    {
        string folder = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        return Path.Combine(Path.GetFileName(Path.GetDirectoryName(folder))!, Path.GetFileName(folder));
    }

    private static string FindRepository()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Switcher.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("no Switcher.sln above the tests");
        return folder;
    }
}

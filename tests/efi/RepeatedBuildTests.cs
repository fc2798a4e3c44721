using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Xunit;

namespace Switcher.Tests.Efi;

public sealed class RepeatedBuildTests : IDisposable
{
    private static readonly string[] _sources = ["acpi", "boot", "build", "corelib", "efi", "hv", "stubs"];
    private static readonly string[] _files = ["Directory.Build.props", ".editorconfig"];
    private static readonly string[] _outputs = ["bin", "obj"];

    private readonly string _clone = Path.Combine(Path.GetTempPath(), "switcher again " + Guid.NewGuid().ToString("N"));

    public void Dispose() => Directory.Delete(_clone, recursive: true);

    [Fact]
    public void SwitcherImage_BuiltAgainInAnotherFolder_IsBitIdentical()
    {
        foreach (string source in _sources)
            Copy(new DirectoryInfo(Path.Combine(BuiltFiles.Repository, source)), Path.Combine(_clone, source));
        foreach (string file in _files)
            File.Copy(Path.Combine(BuiltFiles.Repository, file), Path.Combine(_clone, file));
        string built = BuiltFiles.Of("efi", "Switcher.efi");
        string configuration = Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(built)!)!);

        Build(configuration);

        string again = Path.Combine(_clone, Path.GetRelativePath(BuiltFiles.Repository, built));
        Assert.Equal(File.ReadAllBytes(built), File.ReadAllBytes(again));
    }

    private static void Copy(DirectoryInfo from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (FileInfo file in from.EnumerateFiles())
            file.CopyTo(Path.Combine(to, file.Name));
        foreach (DirectoryInfo folder in from.EnumerateDirectories().Where(folder => !_outputs.Contains(folder.Name)))
            Copy(folder, Path.Combine(to, folder.Name));
    }

    private void Build(string configuration)
    {
        var start = new ProcessStartInfo("dotnet", ["build", "efi/Efi.csproj", "-c", configuration, "-nodeReuse:false"])
        {
            WorkingDirectory = _clone,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, output);
    }
}

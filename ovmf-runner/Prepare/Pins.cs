using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Switcher.Runner.Prepare;

/// <summary>The project's own lock file, <c>ovmf-runner/packages.lock</c>.</summary>
public static class Pins
{
    private const string Heading = """
        # The Debian packages that the runner uses: sets, name, version, bytes, SHA-256, path on the mirror.
        # Written by: dotnet run --project ovmf-runner -- prepare --refresh

        """;

    private static string PathInProject => Path.Combine(Repository.Root, "ovmf-runner", "packages.lock");

    public static PackageLock Read() => PackageLock.Parse(File.ReadAllText(PathInProject));

    public static Task WriteAsync(PackageLock pins, CancellationToken cancel) =>
        File.WriteAllTextAsync(PathInProject, Heading + pins.Format(), cancel);
}

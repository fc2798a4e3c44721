using System;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Prepare;
using Switcher.Runner.Processes;

namespace Switcher.Runner;

/// <summary>The programs that the project builds for the emulated machine.</summary>
/// <param name="Switcher">Switcher itself, an EFI program.</param>
/// <param name="Setup">The test-support program that makes boot options and variables, then starts Switcher.</param>
/// <param name="Agent">The agent for Linux guests.</param>
public sealed record Artifacts(string Switcher, string Setup, string Agent)
{
    private const string Programs = "ovmf-runner/programs.slnf";

    /// <summary>The programs that were built together with this runner: for tests, whose projects refer to all of them.</summary>
    public static Artifacts BuiltWithRunner() =>
        Of(typeof(Artifacts).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Debug");

    /// <summary>The programs as a build of some configuration leaves them.</summary>
    private static Artifacts Of(string configuration) => new(
        Output("efi", configuration, "Switcher.efi"),
        Output("tests/setup", configuration, "Setup.efi"),
        Output("tests/agent", configuration, "agent"));

    /// <summary>Builds everything; says nothing unless it fails.</summary>
    /// <param name="folder">Where the compiler's output is left as <c>build.log</c> if it fails.</param>
    /// <exception cref="RunnerException">The build failed: the message gives the first error.</exception>
    public static async Task<Artifacts> BuildAsync(Cache cache, string folder, CancellationToken cancel)
    {
        var build = new Command("dotnet", "build", Programs, "-c", "Release", "-v", "quiet", "-nologo")
        {
            WorkingDirectory = Repository.Root,
        };
        build.Environment["SWITCHER_CACHE"] = cache.Folder;

        // What the SDK that runs us has set is not meant for another build.
        build.Environment["MSBUILD_EXE_PATH"] = null;
        build.Environment["MSBuildSDKsPath"] = null;
        CommandResult result = await build.RunAsync(cancel);
        if (result.ExitCode != 0)
        {
            string log = Path.Combine(folder, "build.log");
            await File.WriteAllTextAsync(log, result.Output + result.Error, cancel);
            string? error = result.Output.Split('\n').FirstOrDefault(line => line.Contains("error", StringComparison.Ordinal));
            throw new RunnerException($"Switcher does not build: {error?.Trim() ?? result.Reason} (all of it in {log})");
        }

        return Of("Release");
    }

    private static string Output(string project, string configuration, string file) =>
        Path.Combine(Repository.Root, project, "bin", configuration, "net10.0", file);
}

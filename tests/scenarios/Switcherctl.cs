using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Guests;
using Switcher.Runner.Prepare;

namespace Switcher.Tests.Scenarios;

/// <summary>
/// <c>switcherctl</c> as a person runs it in a Linux guest: with the .NET that runs this test and the libraries of the guests' Debian, from
/// the system partition.
/// </summary>
internal static class Switcherctl
{
    private const string Linker = "ld-linux-x86-64.so.2";
    private const string Folder = SystemPartition.Folder;

    /// <summary>What it prints, and its exit status in a line. .NET would leave files for a debugger otherwise.</summary>
    private const string Script = $$"""
        export LD_LIBRARY_PATH={{Folder}}/lib DOTNET_EnableDiagnostics=0 DOTNET_EnableWriteXorExecute=0
        {{Folder}}/dotnet/dotnet {{Folder}}/ctl/switcherctl.dll "$@"
        status=$?
        echo "$status"
        exit "$status"

        """;

    private static readonly string[] s_libraries =
    [
        Linker, "libc.so.6", "libdl.so.2", "libgcc_s.so.1", "libm.so.6", "libpthread.so.0", "librt.so.1", "libstdc++.so.6",
    ];

    private static readonly string[] s_programs =
        ["switcherctl.dll", "switcherctl.runtimeconfig.json", "Switcher.Acpi.dll", "Switcher.Boot.dll", "System.CommandLine.dll"];

    /// <summary>A guest that brings it along, for itself and for those that share its machine.</summary>
    /// <param name="scratch">A folder for a file that stays until the machine's disk is written.</param>
    public static Guest AddTo(Guest guest, Cache cache, string scratch)
    {
        string script = Path.Join(scratch, "ctl.sh");
        File.WriteAllText(script, Script);
        var files = new Dictionary<string, string>(guest.Files) { [@"\ctl.sh"] = script };
        foreach (string library in s_libraries)
            files[$@"\lib\{library}"] = cache.InRoot("usr", "lib", "x86_64-linux-gnu", library);
        foreach (string program in s_programs)
            files[$@"\ctl\{program}"] = Path.Join(AppContext.BaseDirectory, program);

        // As an installation has it: dotnet, host/fxr/VERSION, shared/Microsoft.NETCore.App/VERSION.
        string framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        string dotnet = Path.GetFullPath(Path.Join(framework, "..", "..", ".."));
        string resolver = Path.Join("host", "fxr", Path.GetFileName(framework), "libhostfxr.so");
        IEnumerable<string> needed = Directory.GetFiles(framework).Append(Path.Join(dotnet, "dotnet")).Append(Path.Join(dotnet, resolver));
        foreach (string file in needed)
            files[$@"\dotnet\{Path.GetRelativePath(dotnet, file).Replace('/', '\\')}"] = file;
        return guest with { Files = files };
    }

    /// <summary>
    /// Makes it ready in a guest that was just started, whose kernel then says nothing on the console that would tear lines apart.
    /// </summary>
    public static Task PrepareAsync(Machine machine, string guest, CancellationToken cancel) => machine.Agent(guest).AskAsync(
        $"run dmesg -n 1; {SystemPartition.Mount} -o ro; mkdir -p /lib64; ln -s {Folder}/lib/{Linker} /lib64/{Linker}", cancel);

    /// <summary>Runs a command line.</summary>
    /// <returns>The exit status, and the lines of both outputs.</returns>
    public static async Task<(int Exit, string Output)> RunAsync(Machine machine, string guest, string line, CancellationToken cancel)
    {
        IReadOnlyList<string> lines = await GuestShell.RunAsync(machine, guest, $"sh {Folder}/ctl.sh {line}", cancel);
        return (int.Parse(lines[^1], CultureInfo.InvariantCulture), string.Join('\n', lines.SkipLast(1)));
    }

    /// <summary>
    /// Runs a command line that suspends its guest. It is over when that is awake again, and good if its exit status is 0; what it prints
    /// is not read, since others print meanwhile.
    /// </summary>
    public static Task RunAsleepAsync(Machine machine, string guest, string line, CancellationToken cancel) =>
        machine.Agent(guest).AskAsync($"run sh {Folder}/ctl.sh {line} > /dev/null", cancel);
}

using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Spectre.Console;
using Switcher.Runner.Prepare;

namespace Switcher.Runner.Verbs;

/// <summary><c>prepare [--only SET]... [--refresh]</c>: fetches the pinned packages; afterwards nothing needs the network.</summary>
internal static class PrepareVerb
{
    public static Command Create()
    {
        string[] names = [.. PackageSet.All.Select(set => set.Name)];
        var only = new Option<string[]>("--only")
        {
            Description = "Fetch only this set: " + string.Join(", ", names),
            HelpName = "SET",
        };
        only.AcceptOnlyFromAmong(names);
        var refresh = new Option<bool>("--refresh") { Description = "Pin the newest versions: rewrites ovmf-runner/packages.lock" };
        var command = new Command("prepare", "Fetches emulators, firmware, linker and kernels into the cache.") { only, refresh };
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(only) ?? [], parsed.GetValue(refresh), cancel));
        return command;
    }

    private static async Task<int> RunAsync(string[] only, bool refresh, CancellationToken cancel)
    {
        var cache = Cache.ForUser();
        var preparation = new Preparation(cache, AnsiConsole.Console);
        if (refresh)
            await Pins.WriteAsync(await preparation.ResolveAsync(cancel), cancel);
        IReadOnlyList<PackageSet> sets = only.Length == 0 ? PackageSet.All : [.. only.Select(PackageSet.Find).OfType<PackageSet>()];
        await preparation.EnsureAsync(sets, Pins.Read(), cancel);
        AnsiConsole.Console.MarkupLineInterpolated($"Ready in {cache.Folder}: {string.Join(", ", sets.Select(set => set.Name))}");
        return 0;
    }
}

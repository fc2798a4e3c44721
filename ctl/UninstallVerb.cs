using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Text.Json;
using Switcher.Ctl.Install;
using Switcher.Ctl.Live;

namespace Switcher.Ctl;

/// <summary><c>switcherctl uninstall</c>: takes away what <c>install</c> and <c>config</c> have made.</summary>
public static class UninstallVerb
{
    public static Command Create(Session session)
    {
        Option<bool> keep = new("--keep-settings") { Description = "Leave what 'switcherctl config' and the menu have saved." };
        Option<bool> dryRun = CommonOptions.DryRun();
        Option<bool> json = CommonOptions.Json();
        Command command = new("uninstall", "Takes Switcher away: boot options, its file on mounted system partitions, settings.")
        {
            keep,
            dryRun,
            json,
        };
        command.SetAction(result => session.Run(
            () => Run(session, result.GetValue(keep), result.GetValue(dryRun), result.GetValue(json))));
        return command;
    }

    /// <summary>Says what was changed, or would be.</summary>
    internal static void Write(TextWriter output, IReadOnlyList<Change> changes, bool isDryRun, string nothing)
    {
        output.WriteLine(changes.Count == 0 ? nothing : isDryRun ? "Would change:" : "Changed:");
        foreach (Change change in changes)
            output.WriteLine($"  {change.Text}");
    }

    /// <summary>The same, as members of a JSON object.</summary>
    internal static void Write(Utf8JsonWriter json, IReadOnlyList<Change> changes, bool isDryRun)
    {
        json.WriteBoolean("changed", !isDryRun && changes.Count != 0);
        json.WriteStartArray("changes");
        foreach (Change change in changes)
            json.WriteStringValue(change.Text);
        json.WriteEndArray();
    }

    private static void Run(Session session, bool keepsSettings, bool isDryRun, bool asJson)
    {
        EfiAccess.RequireReadable(session.Files);
        if (!isDryRun)
            EfiAccess.RequireWritable(session.Host);
        InstallPlan plan = InstallPlan.ToUninstall(session.Host, keepsSettings);
        if (!isDryRun)
            plan.Run();
        if (asJson)
        {
            session.WriteJson(json => Write(json, plan.Changes, isDryRun));
            return;
        }
        Write(session.Output, plan.Changes, isDryRun, "Nothing to change: there is no boot option, file or setting of Switcher's.");
        if (plan.Changes.Count != 0 && RunningSwitcher.TryAsk(session.Files, out _))
            session.Output.WriteLine("The Switcher that runs stays until the machine restarts.");
    }
}

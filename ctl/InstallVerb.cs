using System;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Text.Json;
using Switcher.Ctl.Check;
using Switcher.Ctl.Install;
using Switcher.Ctl.Live;
using Switcher.Ctl.Systems;

namespace Switcher.Ctl;

/// <summary><c>switcherctl install</c>: puts Switcher on the system partition and into the firmware's menu.</summary>
public static class InstallVerb
{
    public static Command Create(Session session)
    {
        Option<string?> image = new("--image") { Description = "Switcher.efi, if it is not beside this program.", HelpName = "FILE" };
        Option<string?> esp = new("--esp")
        {
            Description = "Where the EFI system partition is mounted, if several are.",
            HelpName = "FOLDER",
        };
        Option<bool> repair = new("--repair") { Description = "Leave the file; make the boot option again and put it first." };
        Option<bool> force = new("--force") { Description = "Install also where Switcher will not run." };
        Option<bool> dryRun = CommonOptions.DryRun();
        Option<bool> json = CommonOptions.Json();
        Command command = new("install", "Copies Switcher to the EFI system partition and makes it the firmware's first boot option.")
        {
            image,
            esp,
            repair,
            force,
            dryRun,
            json,
        };
        command.SetAction(result => session.Run(() => Run(
            session,
            SystemPartitionOf(session, result.GetValue(esp)),
            esp => result.GetValue(repair)
                ? Keep(session, esp)
                : InstallPlan.ReadImage(session.Files, Path.GetFullPath(result.GetValue(image) ?? Beside)),
            result.GetValue(force),
            result.GetValue(dryRun),
            result.GetValue(json))));
        return command;
    }

    private static string Beside => Path.Join(AppContext.BaseDirectory, "Switcher.efi");

    private static SystemPartition SystemPartitionOf(Session session, string? place)
    {
        EfiAccess.RequireReadable(session.Files);
        return SystemPartition.Choose(session.Files, place == null ? null : Path.GetFullPath(place));
    }

    /// <summary>What is installed stays.</summary>
    private static byte[]? Keep(Session session, SystemPartition esp) => session.Files.Exists(esp.Loader) ? null
        : throw new CtlFailure(ExitStatus.NoImage, $"There is no {esp.Loader} to repair; leave --repair out to install it.");

    private static void Run(
        Session session, SystemPartition esp, Func<SystemPartition, byte[]?> imageOf, bool isForced, bool isDryRun, bool asJson)
    {
        byte[]? image = imageOf(esp);
        if (!isDryRun)
            EfiAccess.RequireWritable(session.Host);
        Judgement judgement = Judge(session.Files);
        if (judgement.Verdict == Verdict.Refused && !isForced && !isDryRun)
            throw new CtlFailure(ExitStatus.NotRunning,
                $"Switcher will not run on this machine: {judgement.Cause}. Nothing was changed; 'switcherctl check' says all, and "
                + "--force installs nevertheless.");
        InstallPlan plan = InstallPlan.ToInstall(session.Host, esp, image);
        if (!isDryRun)
            plan.Run();

        GuestTable table = GuestTable.Read(session.Files);
        if (asJson)
            session.WriteJson(json => Write(json, plan, judgement, table, isDryRun));
        else
            Write(session.Output, plan, judgement, table, isDryRun);
    }

    /// <summary>What <c>check</c> says. Under Switcher the machine is not seen as it is, and there is nothing to ask.</summary>
    private static Judgement Judge(LinuxFiles files)
    {
        Judgement judgement = new();
        if (!RunningSwitcher.TryAsk(files, out _))
            CheckVerb.Judge(files, null, judgement);
        return judgement;
    }

    private static void Write(TextWriter output, InstallPlan plan, Judgement judgement, GuestTable table, bool isDryRun)
    {
        output.WriteLine(judgement.Verdict switch
        {
            Verdict.Ok => "Switcher will run on this machine.",
            Verdict.Refused => $"Switcher will not run on this machine: {judgement.Cause}.",
            _ => $"Whether Switcher will run on this machine is not certain: {judgement.Cause}.",
        });
        foreach (string risk in judgement.Risks)
            output.WriteLine($"Risk: {risk}");
        UninstallVerb.Write(output, plan.Changes, isDryRun, "Nothing to change: Switcher is installed and first in the firmware's order.");
        string[] systems = [.. table.Guests.Select(guest => guest.Title)];
        output.WriteLine(systems.Length < 2
            ? $"Switcher is for two systems or more; found: {(systems is [var one] ? one : "none")}."
            : $"Systems: {string.Join(", ", systems)}. Switcher's menu asks, unless 'switcherctl config set guests' chose.");
    }

    private static void Write(Utf8JsonWriter json, InstallPlan plan, Judgement judgement, GuestTable table, bool isDryRun)
    {
        json.WriteString("verdict", judgement.Verdict.ToString().ToLowerInvariant());
        UninstallVerb.Write(json, plan.Changes, isDryRun);
        json.WriteStartArray("systems");
        foreach (Guest guest in table.Guests)
            json.WriteStringValue(guest.Digits);
        json.WriteEndArray();
    }
}

using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Text.Json;
using Switcher.Ctl.Install;
using Switcher.Ctl.Live;

namespace Switcher.Ctl;

/// <summary><c>switcherctl status</c>: what Switcher says of the machine and its guests.</summary>
public static class StatusVerb
{
    public static Command Create(Session session)
    {
        Option<bool> json = CommonOptions.Json();
        Command command = new("status", "Shows what Switcher says of the machine and its systems, and what suspending does.") { json };
        command.SetAction(result => session.Run(() => Run(session, result.GetValue(json))));
        return command;
    }

    private static void Run(Session session, bool asJson)
    {
        EfiAccess.RequireReadable(session.Files);
        InstallState state = InstallState.Read(session.Files);
        if (!RunningSwitcher.TryAsk(session.Files, out SwitcherStatus? status))
            throw state.NotRunning;
        if (asJson)
        {
            session.WriteJson(json => Write(json, status, state));
            return;
        }
        Write(session.Output, status);
        if (state.Fault != null)
            session.Output.WriteLine($"At the machine's next start Switcher may not be there: {state.Fault}.");
    }

    private static void Write(TextWriter output, SwitcherStatus status)
    {
        string Of(string key) => status.Machine.GetValueOrDefault(key, "?");
        output.WriteLine($"{Of("version")} ({Of("backend")}): {Of("switches")} switches");
        if (status.Machine.ContainsKey("last-from"))
            output.WriteLine($"last switch: {Of("last-from")} to {Of("last-to")} in {Of("last-microseconds")} microseconds");
        output.WriteLine($"sleep: {Of("sleep")}, next: {(Of("next").Length == 0 ? "in order" : Of("next"))}");
        output.WriteLine($"firmware services: {Of("services")}, DMA: {Of("dma")}");
        if (SwitcherStatus.Number(status.Machine, "hypervisor-bytes") is var hypervisor and not 0)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"memory of no system: {hypervisor >> 20} MiB hypervisor, "
                + $"{SwitcherStatus.Number(status.Machine, "firmware-bytes") >> 20} MiB firmware"));
        }
        foreach (IReadOnlyDictionary<string, string> guest in status.Guests)
        {
            string Word(string key) => guest.GetValueOrDefault(key, "?");
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{Word("guest")}  {Word("state"),-9}  {SwitcherStatus.Number(guest, "bytes") >> 20,7} MiB  sleep={Word("sleep"),-7}  "
                + $"restarts={Word("restarts")}  {Word("name")}"));
        }
    }

    /// <summary>The keys and values that Switcher gives, as texts.</summary>
    private static void Write(Utf8JsonWriter json, SwitcherStatus status, InstallState state)
    {
        json.WriteString("boot-option", state.Option?.ToString("X4", CultureInfo.InvariantCulture));
        json.WriteBoolean("boot-option-first", state.Fault == null);
        foreach ((string key, string value) in status.Machine)
            json.WriteString(key, value);
        json.WriteStartArray("guests");
        foreach (IReadOnlyDictionary<string, string> guest in status.Guests)
        {
            json.WriteStartObject();
            foreach ((string key, string value) in guest)
                json.WriteString(key, value);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}

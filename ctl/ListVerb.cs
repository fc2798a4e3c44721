using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Switcher.Ctl.Systems;

namespace Switcher.Ctl;

/// <summary><c>switcherctl list</c>: which systems share the machine, or would.</summary>
public static class ListVerb
{
    public static Command Create(Session session)
    {
        Option<bool> json = CommonOptions.Json();
        Command command = new("list", "Lists the systems that share this machine and says who is next, or those that Switcher would run.")
        {
            json,
        };
        command.SetAction(result => session.Run(() => Run(session, result.GetValue(json))));
        return command;
    }

    private static void Run(Session session, bool asJson)
    {
        GuestTable table = GuestTable.Read(session.Files);
        if (asJson)
            session.WriteJson(json => Write(json, table));
        else
            Write(session, table);
    }

    private static void Write(Session session, GuestTable table)
    {
        if (!table.IsRunning)
            session.Output.WriteLine("Switcher does not run. It would run these, and ask first where nothing has been chosen:");
        foreach (Guest guest in table.Guests)
        {
            string memory = guest.Bytes is { } bytes
                ? string.Create(CultureInfo.InvariantCulture, $"{bytes >> 20} MiB")
                : guest.Request ?? "a share";
            string next = guest == table.Next ? "next" : "";
            session.Output.WriteLine($"{guest.Digits}  {guest.State ?? "-",-9}  {memory,11}  {next,-4}  {guest.Label}");
        }
        foreach (string note in table.Notes)
            session.Output.WriteLine($"({note})");
    }

    private static void Write(Utf8JsonWriter json, GuestTable table)
    {
        json.WriteBoolean("running", table.IsRunning);
        json.WriteString("next", table.Next?.Digits);
        json.WriteStartArray("systems");
        foreach (Guest guest in table.Guests)
        {
            json.WriteStartObject();
            json.WriteString("number", guest.Digits);
            json.WriteString("label", guest.Label);
            json.WriteString("state", guest.State);
            if (guest.Bytes is { } bytes)
                json.WriteNumber("bytes", bytes);
            else
                json.WriteString("memory", guest.Request);
            json.WriteBoolean("next", guest == table.Next);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("notes");
        foreach (string note in table.Notes)
            json.WriteStringValue(note);
        json.WriteEndArray();
    }
}

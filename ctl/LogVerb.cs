using System;
using System.CommandLine;
using System.Text;
using Switcher.Ctl.Live;

namespace Switcher.Ctl;

/// <summary><c>switcherctl log</c>: the latest lines of Switcher's log.</summary>
public static class LogVerb
{
    public static Command Create(Session session)
    {
        Option<bool> json = CommonOptions.Json();
        Command command = new("log", "Prints the latest lines of Switcher's log.") { json };
        command.SetAction(result => session.Run(() => Run(session, result.GetValue(json))));
        return command;
    }

    private static void Run(Session session, bool asJson)
    {
        EfiAccess.RequireReadable(session.Files);
        byte[] value = EfiVariables.Read(session.Files, "SwitcherLog", EfiVariables.SwitcherVendor) ?? throw RunningSwitcher.NotRunning;
        string text = Encoding.UTF8.GetString(value);
        if (!asJson)
        {
            session.Output.Write(text);
            return;
        }
        session.WriteJson(json =>
        {
            json.WriteStartArray("lines");
            foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                json.WriteStringValue(line);
            json.WriteEndArray();
        });
    }
}

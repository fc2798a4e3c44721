using System.CommandLine;
using Switcher.Ctl.Live;
using Switcher.Ctl.Systems;

namespace Switcher.Ctl;

/// <summary><c>switcherctl next</c>: who has the machine at the next switch.</summary>
public static class NextVerb
{
    public static Command Create(Session session)
    {
        Argument<string?> name = CommonOptions.OptionalName(session);
        Option<bool> clear = new("--clear") { Description = "Name nobody any more: the order decides." };
        Option<bool> json = CommonOptions.Json();
        Command command = new("next", "Names the system that has the machine at the next switch, once; without a name, says who it is.")
        {
            name,
            clear,
            json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(clear) && result.GetValue(name) != null)
                result.AddError("'--clear' takes no name.");
        });
        command.SetAction(result => session.Run(
            () => Run(session, result.GetValue(name), result.GetValue(clear), result.GetValue(json))));
        return command;
    }

    private static void Run(Session session, string? name, bool isClear, bool asJson)
    {
        GuestTable table = GuestTable.Running(session.Files);
        if (name != null || isClear)
            EfiAccess.RequireWritable(session.Host);
        if (isClear)
        {
            NextTarget.Clear(session.Host);
            table = table with { Named = null };
        }
        else if (name != null)
        {
            Guest guest = NextTarget.Find(table, name);
            NextTarget.Set(session.Host, guest);
            table = table with { Named = guest };
        }
        Write(session, table, asJson);
    }

    private static void Write(Session session, GuestTable table, bool asJson)
    {
        Guest? next = table.Next;
        if (asJson)
        {
            session.WriteJson(json =>
            {
                NextTarget.Write(json, next);
                json.WriteBoolean("named", next != null && next == table.Named);
            });
        }
        else if (next == null)
        {
            session.Output.WriteLine("Nobody is next: to suspend lets the machine sleep.");
        }
        else
        {
            string state = next.IsOff ? "off and starts at the next suspend" : next.State ?? "?";
            session.Output.WriteLine($"Next is {next.Title}, which is {state}.");
        }
    }
}

using System.CommandLine;
using System.IO;
using Switcher.Ctl.Live;
using Switcher.Ctl.Systems;

namespace Switcher.Ctl;

/// <summary><c>switcherctl switch</c>: suspends this system, and another one has the machine.</summary>
public static class SwitchVerb
{
    public static Command Create(Session session)
    {
        Argument<string?> name = CommonOptions.OptionalName(session);
        Option<bool> json = CommonOptions.Json();
        Command command = new("switch", "Suspends this system and gives the machine to the one that is named, or else to the next.")
        {
            name,
            json,
        };
        command.SetAction(result => session.Run(() => Run(session, result.GetValue(name), result.GetValue(json))));
        return command;
    }

    private static void Run(Session session, string? name, bool asJson)
    {
        GuestTable table = GuestTable.Running(session.Files);
        Guest target = name != null ? NextTarget.Find(table, name) : table.Next ?? table.InOrder ?? throw NobodyElse(table);
        bool isNaming = target != table.Next;
        if (isNaming)
            EfiAccess.RequireWritable(session.Host);
        DeepSleep.Choose(session.Host, asJson ? TextWriter.Null : session.Output);
        if (isNaming)
            NextTarget.Set(session.Host, target);

        // Said before: when it is over, another system may have had the machine for days.
        if (asJson)
            session.WriteJson(json => NextTarget.Write(json, target));
        else
            session.Output.WriteLine($"Switching to {target.Title}.");
        session.Output.Flush();
        try
        {
            DeepSleep.Suspend(session.Host);
        }
        catch (CtlFailure) when (isNaming)
        {
            Restore(session.Host, table);
            throw;
        }
    }

    /// <summary>What did not come to be is not left for the next suspend.</summary>
    private static void Restore(Host host, GuestTable table)
    {
        try
        {
            if (table.Named is { } named)
                NextTarget.Set(host, named);
            else
                NextTarget.Clear(host);
        }
        catch (CtlFailure)
        {
            // The failure that is on its way says more.
        }
    }

    private static CtlFailure NobodyElse(GuestTable table) => new(ExitStatus.NobodyElse, table.Guests.Count < 2
        ? "There is nobody else to switch to: this is the only system."
        : "There is nobody else to switch to; start a system that is off by naming it: 'switcherctl list' lists them.");
}

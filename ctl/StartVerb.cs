using System.CommandLine;
using Switcher.Ctl.Live;
using Switcher.Ctl.Systems;

namespace Switcher.Ctl;

/// <summary><c>switcherctl start</c>: a system that has shut down starts again.</summary>
public static class StartVerb
{
    public static Command Create(Session session)
    {
        Argument<string> name = CommonOptions.Name(session);
        Option<bool> json = CommonOptions.Json();
        Command command = new("start", "Has a system that is off started: at the next suspend of this one, which gives it the machine.")
        {
            name,
            json,
        };
        command.SetAction(result => session.Run(() => Run(session, result.GetRequiredValue(name), result.GetValue(json))));
        return command;
    }

    private static void Run(Session session, string name, bool asJson)
    {
        GuestTable table = GuestTable.Running(session.Files);
        EfiAccess.RequireWritable(session.Host);
        Guest guest = NextTarget.Find(table, name);
        if (!guest.IsOff)
            throw new CtlFailure(ExitStatus.WrongSystem,
                $"{guest.Title} is {guest.State}, not off; 'switcherctl switch {guest.Digits}' gives it the machine.");
        NextTarget.Set(session.Host, guest);
        if (asJson)
            session.WriteJson(json => NextTarget.Write(json, guest));
        else
            session.Output.WriteLine($"{guest.Title} starts at the next suspend, 'switcherctl switch' for example.");
    }
}

using System.CommandLine;
using System.CommandLine.Completions;
using System.Linq;
using Switcher.Ctl.Live;
using Switcher.Ctl.Systems;

namespace Switcher.Ctl;

/// <summary>What several verbs have on their command lines.</summary>
internal static class CommonOptions
{
    public const string NameHelp = "The number of its boot option, its label, or the beginning of its label.";

    public static Option<bool> Json() => new("--json") { Description = "Print one JSON object." };

    public static Option<bool> DryRun() => new("--dry-run") { Description = "Say what would be changed, and change nothing." };

    /// <summary>The name of a system that must be given.</summary>
    public static Argument<string> Name(Session session)
    {
        Argument<string> name = new("NAME") { Description = NameHelp, HelpName = "NAME" };
        name.CompletionSources.Add(_ => Names(session).Select(text => new CompletionItem(text)));
        return name;
    }

    /// <summary>The name of a system that may be left out.</summary>
    public static Argument<string?> OptionalName(Session session)
    {
        Argument<string?> name = new("NAME") { Description = NameHelp, HelpName = "NAME", Arity = ArgumentArity.ZeroOrOne };
        name.CompletionSources.Add(_ => Names(session).Select(text => new CompletionItem(text)));
        return name;
    }

    /// <summary>What a shell may offer: a label that needs no quotes and is the only one of its kind, otherwise the number.</summary>
    public static string[] Names(Session session)
    {
        try
        {
            GuestTable table = GuestTable.Read(session.Files);
            return [.. table.Guests.Select(guest => IsWord(guest.Label) && SystemNames.FindAll(guest.Label, table.Guests) is [var one]
                && one == guest ? guest.Label : guest.Digits)];
        }
        catch (CtlFailure)
        {
            return [];
        }
    }

    private static bool IsWord(string label) => label.Length != 0 && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.');
}

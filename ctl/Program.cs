using System;
using System.CommandLine;
using System.CommandLine.Help;
using System.Linq;
using Switcher.Ctl.Live;

namespace Switcher.Ctl;

/// <summary>The control program that runs inside the operating systems.</summary>
public static class Program
{
    public static int Main(string[] arguments) => Run(arguments, new Session(Host.Real, Console.Out, Console.Error));

    /// <summary>Everything that can be said to it.</summary>
    public static RootCommand CreateRoot(Session session)
    {
        RootCommand root = new("Controls Switcher, which shares one machine between several operating systems. switcherctl(8) says more.")
        {
            ListVerb.Create(session),
            NextVerb.Create(session),
            SwitchVerb.Create(session),
            StartVerb.Create(session),
            ConfigVerb.Create(session),
            StatusVerb.Create(session),
            LogVerb.Create(session),
            CheckVerb.Create(),
            InstallVerb.Create(session),
            UninstallVerb.Create(session),
            CompletionVerb.Create(session),
        };

        // As everywhere on Linux; a shell would offer the others too.
        foreach (string alias in (string[])["-?", "/?", "/h"])
            root.Options.Single(option => option is HelpOption).Aliases.Remove(alias);
        return root;
    }

    /// <summary>Runs one command line.</summary>
    /// <returns>The exit status: one of <see cref="ExitStatus"/>.</returns>
    public static int Run(string[] arguments, Session session)
    {
        // A word that begins with @ is a word.
        ParseResult parsed = CreateRoot(session).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });

        // A directive, which only completion uses, is about a command line that is not finished.
        bool isDirective = arguments is [['[', ..], ..];
        string? complaint = isDirective || parsed.Errors.Count == 0 ? null
            : UnknownCommand.Complaint(parsed) ?? $"{parsed.Errors[0].Message} Try --help.";
        if (complaint == null)
            return parsed.Invoke(new InvocationConfiguration { Output = session.Output, Error = session.Errors });
        session.Errors.WriteLine($"switcherctl: {complaint}");
        return (int)ExitStatus.NotUnderstood;
    }
}

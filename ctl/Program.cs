using System;
using System.CommandLine;

namespace Switcher.Ctl;

/// <summary>The control program that runs inside the operating systems.</summary>
public static class Program
{
    /// <summary>
    /// Exit status of a command line that cannot be understood; for <c>check</c> it also means that nothing could be told.
    /// </summary>
    private const int UsageError = 2;

    public static int Main(string[] arguments)
    {
        RootCommand root = new("Controls Switcher, which shares one machine between several operating systems.")
        {
            CheckVerb.Create(),
            StatusVerb.Create(),
            LogVerb.Create(),
        };
        ParseResult parsed = root.Parse(arguments);
        if (parsed.Errors.Count == 0)
            return parsed.Invoke();
        Console.Error.WriteLine($"switcherctl: {parsed.Errors[0].Message} Try --help.");
        return UsageError;
    }
}

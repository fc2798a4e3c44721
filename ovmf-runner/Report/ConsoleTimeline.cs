using System;
using System.Globalization;
using Spectre.Console;

namespace Switcher.Runner.Report;

/// <summary>Writes the timeline as lines, with what is going on below them where the output is a terminal.</summary>
/// <param name="console">The terminal or file.</param>
/// <param name="status">The moving line at the bottom, on a terminal.</param>
public sealed class ConsoleTimeline(IAnsiConsole console, StatusContext? status) : ITimeline
{
    /// <inheritdoc/>
    public void Tell(TimeSpan time, string who, string what)
    {
        string seconds = time.TotalSeconds.ToString("F2", CultureInfo.InvariantCulture).PadLeft(8);
        console.MarkupLineInterpolated($"[grey]{seconds} s[/]  [bold]{who,-14}[/] {what}");
    }

    /// <inheritdoc/>
    public void Doing(string what)
    {
        if (status is not null)
            status.Status = Markup.Escape(what);
    }
}

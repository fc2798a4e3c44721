using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Switcher.Ctl;
using Switcher.Ctl.Live;
using Xunit;

namespace Switcher.Tests.Ctl;

/// <summary>What every command line has in common: errors that name the remedy, help, and a manual page that cannot fall behind.</summary>
public sealed partial class CommandLineTests : IDisposable
{
    private const string Commands = "the commands are list, next, switch, start, config, status, log, check, install, uninstall, "
        + "completion.\n";
    private const string NeedsMount = "run 'mount -t efivarfs efivarfs /sys/firmware/efi/efivars' as root.\n";

    private readonly FakeLinux _linux = new();

    public void Dispose() => _linux.Dispose();

    [Theory]
    [InlineData("frob", "\"frob\" is no command; " + Commands)]
    [InlineData("frob --json", "\"frob\" is no command; " + Commands)]
    [InlineData("swich debian", "\"swich\" is no command; did you mean \"switch\"? Otherwise " + Commands)]
    [InlineData("Status", "\"Status\" is no command; did you mean \"status\"? Otherwise " + Commands)]
    [InlineData("--frob", "\"--frob\" is no option here; " + Commands)]
    [InlineData("@frob", "\"@frob\" is no command; " + Commands)]
    [InlineData("", "No command was given; " + Commands)]
    [InlineData("config", "No command was given; the commands are get, set, unset.\n")]
    [InlineData("config got", "\"got\" is no command; did you mean \"get\"? Otherwise the commands are get, set, unset.\n")]
    public void Run_WhatIsNoCommand_ListsThem(string line, string complaint) => Assert.Equal(
        (2, "", "switcherctl: " + complaint), _linux.Run(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

    [Theory]
    [InlineData("start")]
    [InlineData("list debian")]
    [InlineData("config set sleep")]
    [InlineData("list --frob")]
    [InlineData("completion tcsh")]
    public void Run_IncompleteOrTooMuch_PointsToHelp(string line)
    {
        (int exit, string output, string errors) = _linux.Run(line.Split(' '));
        Assert.Equal((2, ""), (exit, output));
        Assert.EndsWith("Try --help.\n", errors, StringComparison.Ordinal);
    }

    public static TheoryData<string> Readers =>
        ["list", "status", "log", "next", "config get", "next x", "start x", "switch", "config set sleep armed", "install", "uninstall"];

    [Theory]
    [MemberData(nameof(Readers))]
    public void Run_WithoutUefi_SaysSo(string line)
    {
        _linux.Delete("sys/firmware/efi");
        AssertFails(line, ExitStatus.NoEfi, "turn off legacy boot (CSM) in the firmware's setup.\n");
    }

    [Theory]
    [MemberData(nameof(Readers))]
    public void Run_WithoutMountedVariables_SaysHow(string line)
    {
        _linux.Mount(null);
        AssertFails(line, ExitStatus.NoVariables, NeedsMount);
        _linux.Delete("sys/firmware/efi/efivars");
        AssertFails(line, ExitStatus.NoVariables, "without the option efi=noruntime.\n");
    }

    [Theory]
    [InlineData("next other")]
    [InlineData("config set sleep armed")]
    public void Run_WithReadOnlyVariables_SaysHow(string line)
    {
        _linux.PutStatus("sleep=switch\nnext=\n", "Debian active", "Other parked");
        _linux.Mount("ro,relatime");
        AssertFails(line, ExitStatus.NoVariables, "run 'mount -o remount,rw /sys/firmware/efi/efivars' as root.\n");
    }

    [Theory]
    [InlineData("log")]
    [InlineData("next")]
    [InlineData("next x")]
    [InlineData("start x")]
    [InlineData("switch")]
    public void Run_WithoutSwitcher_SaysHow(string line) => AssertFails(line, ExitStatus.NotRunning, "ask 'switcherctl check' why.\n");

    [Fact]
    public void Run_WithAStatusThatIsNone_SaysSo()
    {
        _linux.PutVariable("SwitcherStatus", "nonsense\n");
        AssertFails("list", ExitStatus.NotUnderstood, "take the switcherctl that came with it.\n");
    }

    [Fact]
    public void Help_OfEveryCommand_DescribesAllThatItTakes()
    {
        foreach ((string path, Command command) in AllCommands())
        {
            (int exit, string output, string errors) = _linux.Run([.. path.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
            Assert.Equal((0, ""), (exit, errors));
            Assert.All(command.Options.Where(option => option.Name.StartsWith("--", StringComparison.Ordinal)), option =>
                Assert.Contains(option.Name, output, StringComparison.Ordinal));
            Assert.All(command.Arguments.Concat<Symbol>(command.Subcommands).Concat(command.Options), symbol =>
                Assert.False(string.IsNullOrWhiteSpace(symbol.Description), $"{path} {symbol.Name}"));
        }
    }

    /// <summary>Sections of commands, options and exit statuses in the page are those that there are.</summary>
    [Fact]
    public void ManualPage_ComparedWithTheProgram_HasAllOfItAndNothingElse()
    {
        string page = File.ReadAllText(Path.Join(AppContext.BaseDirectory, "switcherctl.8")).Replace("\\-", "-", StringComparison.Ordinal);
        SortedSet<string> documented = new(StringComparer.Ordinal);
        string command = "";
        foreach (string line in page.Split('\n'))
        {
            if (CommandHeading().Match(line) is { Success: true } heading)
                documented.Add(command = heading.Groups["command"].Value);
            if (line.StartsWith(".SH ", StringComparison.Ordinal))
                command = "";
            foreach (Match option in LongOption().Matches(line))
                documented.Add($"{command} {option.Value}".Trim());
        }
        SortedSet<string> existing = new(StringComparer.Ordinal);
        foreach ((string path, Command verb) in AllCommands())
        {
            if (verb.Subcommands.Count == 0)
                existing.Add(path);
            existing.UnionWith(verb.Options.Where(option => option.Name != "--help" || path.Length == 0)
                .Select(option => $"{path} {option.Name}".Trim()));
        }
        Assert.Equal(existing, documented);

        string[] statuses = [.. ExitHeading().Matches(page).Select(match => match.Groups["status"].Value)];
        Assert.Equal(Enum.GetValues<ExitStatus>().Select(status => $"{(int)status}"), statuses);
    }

    private static IEnumerable<(string Path, Command Command)> AllCommands()
    {
        Queue<(string Path, Command Command)> rest = new(
            [("", Program.CreateRoot(new Session(Host.Real, TextWriter.Null, TextWriter.Null)))]);
        while (rest.TryDequeue(out (string Path, Command Command) next))
        {
            yield return next;
            foreach (Command command in next.Command.Subcommands)
                rest.Enqueue(($"{next.Path} {command.Name}".Trim(), command));
        }
    }

    private void AssertFails(string line, ExitStatus status, string end)
    {
        (int exit, string output, string errors) = _linux.Run(line.Split(' '));
        Assert.Equal(((int)status, ""), (exit, output));
        Assert.StartsWith("switcherctl: ", errors, StringComparison.Ordinal);
        Assert.EndsWith(end, errors, StringComparison.Ordinal);
        Assert.Single(errors, '\n');
    }

    [GeneratedRegex(@"^\.SS (?<command>[a-z ]+?)(?= [A-Z\[]|$)")]
    private static partial Regex CommandHeading();

    [GeneratedRegex("--[a-z][a-z-]*")]
    private static partial Regex LongOption();

    [GeneratedRegex(@"^\.B (?<status>\d+)$", RegexOptions.Multiline)]
    private static partial Regex ExitHeading();
}

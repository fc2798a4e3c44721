using System.Collections.Generic;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.IO;
using Switcher.Runner.Emulators;
using Switcher.Runner.Guests;

namespace Switcher.Runner.Verbs;

/// <summary>The options of <c>run</c>, most of which <c>gdb</c> has too.</summary>
internal sealed class RunOptions
{
    public Option<string> Emulator { get; } = Choice("--emulator", "The emulator; bochs is slower and has VMX", "qemu", "bochs");

    public Option<string> Accel { get; } = Choice("--accel", "How QEMU runs the machine; auto asks the host's CPU", "auto", "tcg", "kvm");

    public Option<string?> CpuModel { get; } = new("--cpu-model")
    {
        Description = $"The CPU, as the emulator names it [default: one that has all that Switcher uses; in Bochs {BochsModels.Usual}]",
        HelpName = "MODEL",
    };

    public Option<bool> Smm { get; } =
        new("--smm") { Description = "Firmware that keeps its variables behind System Management Mode, in QEMU" };

    public Option<int> Cpus { get; } = Number("--cpus", "Number of CPUs", 2, 1, 64);

    public Option<int> Memory { get; } = Number("--memory", "RAM in MiB", 2048, 512, 1 << 20);

    public Option<int> Rounds { get; } = Number("--rounds", "How often to switch there and back", 2, 1, 1_000_000);

    public Option<GuestSpec[]> Guests { get; } = new("--guest")
    {
        Description = "debian-cloud, debian, debian-older, or name=N,efi=PATH[,initrd=PATH][,options=TEXT][,memory=MiB|N%][,disk=IMAGE]; "
            + @"\, is a comma in TEXT",
        HelpName = "SPEC",
        CustomParser = ParseGuests,
    };

    public Option<FileInfo?> Report { get; } = new("--report") { Description = "Write the outcome as JSON", HelpName = "FILE.json" };

    public Option<DirectoryInfo?> Logs { get; } =
        new("--logs") { Description = "Where serial.log, hypervisor.log and emulator.log go", HelpName = "DIR" };

    public Option<int?> Timeout { get; } = new("--timeout")
    {
        Description = "Limit for the whole run in seconds [default: ample for the number of rounds]",
        HelpName = "SECONDS",
        CustomParser = result => ParseNumber(result, "--timeout", 1, 10_000_000),
    };

    public Option<bool> Interactive { get; } = new("--interactive") { Description = "Connect the terminal to the active guest's console" };

    public Option<string[]> EmulatorArguments { get; } = new("--emulator-arg")
    {
        Description = "An argument passed to the emulator as it is",
        HelpName = "ARG",
    };

    /// <summary>The guests to run: those given, or the two Debian systems.</summary>
    public IReadOnlyList<GuestSpec> GuestsOf(ParseResult parsed) =>
        parsed.GetValue(Guests) is { Length: > 0 } given ? given : [GuestSpec.DebianCloud, GuestSpec.DebianFull];

    private static GuestSpec[] ParseGuests(ArgumentResult result)
    {
        var guests = new List<GuestSpec>();
        foreach (Token token in result.Tokens)
        {
            if (GuestSpec.TryParse(token.Value, out GuestSpec spec, out string error))
                guests.Add(spec);
            else
                result.AddError($"--guest {token.Value}: {error}.");
        }

        return [.. guests];
    }

    private static Option<string> Choice(string name, string description, params string[] values)
    {
        var option = new Option<string>(name) { Description = description, DefaultValueFactory = _ => values[0] };
        option.AcceptOnlyFromAmong(values);
        return option;
    }

    private static Option<int> Number(string name, string description, int usual, int least, int most)
    {
        var option = new Option<int>(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => usual,
            CustomParser = result => ParseNumber(result, name, least, most) ?? usual,
        };
        return option;
    }

    private static int? ParseNumber(ArgumentResult result, string name, int least, int most)
    {
        string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value))
            result.AddError($"{name} '{text}' is not a number.");
        else if (value < least || value > most)
            result.AddError($"{name} {value} is not between {least} and {most}.");
        else
            return value;
        return null;
    }
}

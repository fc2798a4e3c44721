using System.Collections.Generic;
using System.CommandLine;
using System.CommandLine.Completions;
using System.Linq;
using System.Text.Json;
using Switcher.Ctl.Live;
using Switcher.Ctl.Settings;
using Switcher.Ctl.Systems;

namespace Switcher.Ctl;

/// <summary><c>switcherctl config</c>: what the variables say of the machine (keys) and of each system (its lines).</summary>
public static class ConfigVerb
{
    private const string KeyHelp = "A setting of the machine (guests, sleep, timeout), or the name of a system.";

    public static Command Create(Session session) => new("config", "Shows and changes the configuration.")
    {
        CreateGet(session),
        CreateSet(session),
        CreateUnset(session),
    };

    private static Command CreateGet(Session session)
    {
        Argument<string?> key = new("KEY") { Description = KeyHelp, HelpName = "KEY", Arity = ArgumentArity.ZeroOrOne };
        key.CompletionSources.Add(_ => KeysAndNames(session));
        Option<bool> json = CommonOptions.Json();
        Command command = new("get", "Shows one setting, or all of them.") { key, json };
        command.SetAction(result => session.Run(() => Get(session, result.GetValue(key), result.GetValue(json))));
        return command;
    }

    private static Command CreateSet(Session session)
    {
        Argument<string> key = new("KEY") { Description = KeyHelp, HelpName = "KEY" };
        key.CompletionSources.Add(_ => KeysAndNames(session));
        Argument<string[]> values = new("VALUE")
        {
            Description = "Of guests: names of systems, the first starts first. Of sleep: switch or armed. Of timeout: seconds. "
                + "Of a system: memory=40%, memory=6144M, options=TEXT, initrd=PATH, sleep=switch|machine, clock=utc|local.",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<bool> json = CommonOptions.Json();
        Command command = new("set", "Changes a setting, and says when it counts. A bad value changes nothing.") { key, values, json };
        command.SetAction(result => session.Run(
            () => Change(session, result.GetRequiredValue(key), result.GetRequiredValue(values), isUnset: false, result.GetValue(json))));
        return command;
    }

    private static Command CreateUnset(Session session)
    {
        Argument<string> key = new("KEY") { Description = KeyHelp, HelpName = "KEY" };
        key.CompletionSources.Add(_ => KeysAndNames(session));
        Argument<string[]> lines = new("LINE")
        {
            Description = "Of a system: memory, options and so on; all if none is given.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Option<bool> json = CommonOptions.Json();
        Command command = new("unset", "Takes a setting back, so that the default counts.") { key, lines, json };
        command.SetAction(result => session.Run(
            () => Change(session, result.GetRequiredValue(key), result.GetValue(lines) ?? [], isUnset: true, result.GetValue(json))));
        return command;
    }

    private static IEnumerable<CompletionItem> KeysAndNames(Session session) =>
        MachineSetting.All.Select(setting => setting.Key).Concat(CommonOptions.Names(session)).Select(text => new CompletionItem(text));

    private static void Get(Session session, string? key, bool asJson)
    {
        EfiAccess.RequireReadable(session.Files);
        MachineSetting? one = key == null ? null : MachineSetting.Find(key);
        MachineSetting[] settings = key == null ? [.. MachineSetting.All] : one == null ? [] : [one];
        NamedSystem[] systems = key == null ? [.. GuestTable.Read(session.Files).Guests]
            : one == null ? [BootMenu.Find(session.Files, key)] : [];
        Configuration configuration = new(session.Host);
        if (asJson)
            session.WriteJson(json => Write(json, configuration, settings, systems));
        else
            Write(session, configuration, settings, systems, key == null);
    }

    private static void Write(
        Session session, Configuration configuration, MachineSetting[] settings, NamedSystem[] systems, bool isAll)
    {
        foreach (MachineSetting setting in settings)
        {
            string text = configuration.Read(setting) ?? $"{setting.Default} (default)";
            session.Output.WriteLine(isAll ? $"{setting.Key}: {text}" : text);
        }
        foreach (NamedSystem system in systems)
        {
            if (isAll)
                session.Output.WriteLine($"{system.Title}:");
            foreach (string line in configuration.Read(system)?.Lines ?? [])
                session.Output.WriteLine(isAll ? $"  {line}" : line);
        }
    }

    private static void Write(Utf8JsonWriter json, Configuration configuration, MachineSetting[] settings, NamedSystem[] systems)
    {
        foreach (MachineSetting setting in settings)
            json.WriteString(setting.Key, configuration.Read(setting));
        json.WriteStartObject("systems");
        foreach (NamedSystem system in systems)
        {
            json.WriteStartArray(system.Digits);
            foreach (string line in configuration.Read(system)?.Lines ?? [])
                json.WriteStringValue(line);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void Change(Session session, string key, string[] words, bool isUnset, bool asJson)
    {
        EfiAccess.RequireReadable(session.Files);
        Configuration configuration = new(session.Host);
        string[] effects;
        if (MachineSetting.Find(key) is { } setting)
        {
            if (isUnset && words.Length != 0)
                throw new CtlFailure(ExitStatus.NotUnderstood,
                    $"'{setting.Key}' has no lines; 'switcherctl config unset {setting.Key}' takes it back.");
            effects = [isUnset ? configuration.Unset(setting) : configuration.Set(setting, words)];
        }
        else
        {
            NamedSystem system = BootMenu.Find(session.Files, key);
            effects = [.. isUnset ? configuration.Unset(system, words) : configuration.Set(system, words)];
        }
        bool isRunning = RunningSwitcher.TryAsk(session.Files, out _);
        effects = isRunning ? [.. effects.Distinct()] : [.. effects.Take(1).Select(_ => "when Switcher starts")];
        if (asJson)
        {
            session.WriteJson(json =>
            {
                json.WriteStartArray("counts");
                foreach (string effect in effects)
                    json.WriteStringValue(effect);
                json.WriteEndArray();
            });
        }
        else
        {
            session.Output.WriteLine(
                effects.Length == 0 ? "There was nothing to change." : $"Counts {string.Join(", the rest ", effects)}.");
        }
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using Switcher.Ctl.Live;
using Switcher.Ctl.Systems;

namespace Switcher.Ctl.Settings;

/// <summary>Everything that can be configured, in the variables where it is.</summary>
public sealed class Configuration(Host host)
{
    private readonly EfiStore _store = new(host);

    /// <summary>A setting of the machine as a user would write it; null if there is none.</summary>
    public string? Read(MachineSetting setting) =>
        _store.Read(setting.Variable) is { } value
            ? setting.Format(value) ?? $"0x{Convert.ToHexString(value)}, which is not understood"
            : null;

    /// <summary>The lines of a system; null if there are none.</summary>
    public GuestSettings? Read(NamedSystem system) => _store.Read(VariableOf(system)) is { } value ? GuestSettings.Of(value) : null;

    /// <summary>Changes a setting of the machine.</summary>
    /// <returns>When that counts.</returns>
    /// <exception cref="CtlFailure">It has its old value.</exception>
    public string Set(MachineSetting setting, IReadOnlyList<string> words)
    {
        byte[] value = setting.Parse(host.Files, words);
        Write(setting.Variable, value);
        return setting.Effect;
    }

    /// <summary>Changes lines of a system.</summary>
    /// <returns>When that counts, for each line.</returns>
    /// <exception cref="CtlFailure">It has its old lines.</exception>
    public IReadOnlyList<string> Set(NamedSystem system, IReadOnlyList<string> assignments)
    {
        // By themselves first, so that a complaint is about what was asked for.
        new GuestSettings(assignments).ToBytes();
        Write(VariableOf(system), (Read(system) ?? new GuestSettings([])).With(assignments).ToBytes());
        return [.. assignments.Select(line => GuestSettings.EffectOf(GuestSettings.KeyOf(line)))];
    }

    /// <summary>Takes a setting of the machine back.</summary>
    /// <exception cref="CtlFailure">It has its old value.</exception>
    public string Unset(MachineSetting setting)
    {
        _store.Delete(setting.Variable);
        return setting.Effect;
    }

    /// <summary>Takes lines of a system back, or all of them if none are named.</summary>
    /// <exception cref="CtlFailure">It has its old lines.</exception>
    public IReadOnlyList<string> Unset(NamedSystem system, IReadOnlyList<string> keys)
    {
        GuestSettings old = Read(system) ?? new GuestSettings([]);
        GuestSettings kept = keys.Count == 0 ? new GuestSettings([]) : old.Without(keys);
        if (kept.Lines.Count == 0)
            _store.Delete(VariableOf(system));
        else
            Write(VariableOf(system), kept.ToBytes());
        return [.. old.Lines.Except(kept.Lines).Select(line => GuestSettings.EffectOf(GuestSettings.KeyOf(line)))];
    }

    /// <summary>Does not wear the flash out for what is there already.</summary>
    private void Write(string variable, byte[] value)
    {
        if (_store.Read(variable) is not { } old || !old.AsSpan().SequenceEqual(value))
            _store.Write(variable, value, EfiStore.Lasting);
    }

    /// <summary>The variable of a system's lines.</summary>
    internal static string VariableOf(NamedSystem system) => $"SwitcherGuest{system.Digits}";
}

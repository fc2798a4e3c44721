using System;
using Switcher.Boot.Text;

namespace Switcher.Boot.Config;

/// <summary>What a request for S3 means while nobody has named the guest that is to be next. With a name it is always a switch.</summary>
public enum SleepPolicy : byte
{
    /// <summary>The next guest wakes: <c>sleep=switch</c>.</summary>
    Switch,

    /// <summary>The machine sleeps: <c>sleep=machine</c> of one guest, <c>armed</c> of all of them.</summary>
    Machine,
}

/// <summary>The words for a <see cref="SleepPolicy"/>, and the variable <c>SwitcherSleep</c>.</summary>
public static class SleepPolicies
{
    /// <summary>Parses <c>SwitcherSleep</c>: one line of text, <c>switch</c> or <c>armed</c>, however it ends.</summary>
    /// <returns>False if it is anything else.</returns>
    public static bool TryParseAll(ReadOnlySpan<byte> value, out SleepPolicy policy)
    {
        policy = SleepPolicy.Switch;
        var lines = new TextLines(value);
        if (!lines.MoveNext())
            return false;
        ReadOnlySpan<byte> word = lines.Current.Text;
        if (word.SequenceEqual(OfAll(SleepPolicy.Machine)))
            policy = SleepPolicy.Machine;
        else if (!word.SequenceEqual(OfAll(SleepPolicy.Switch)))
            return false;
        return !lines.MoveNext();
    }

    /// <summary>Parses the value of a guest's key <c>sleep</c>.</summary>
    public static bool TryParseOfGuest(ReadOnlySpan<byte> word, out SleepPolicy policy)
    {
        policy = word.SequenceEqual(OfGuest(SleepPolicy.Machine)) ? SleepPolicy.Machine : SleepPolicy.Switch;
        return word.SequenceEqual(OfGuest(policy));
    }

    public static ReadOnlySpan<byte> OfAll(SleepPolicy policy) => policy == SleepPolicy.Machine ? "armed"u8 : "switch"u8;

    public static ReadOnlySpan<byte> OfGuest(SleepPolicy policy) => policy == SleepPolicy.Machine ? "machine"u8 : "switch"u8;
}

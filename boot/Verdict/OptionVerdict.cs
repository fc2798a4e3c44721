using System;

namespace Switcher.Boot.Verdict;

/// <summary>What a boot option is to Switcher.</summary>
public enum OptionVerdict : byte
{
    /// <summary>An operating system that is proposed, or that the user's list names.</summary>
    System,

    /// <summary>It starts the same system as an option before it.</summary>
    Repeated,

    /// <summary>What firmware starts from a disk that has no boot option, of a disk that has one.</summary>
    DiskStart,

    /// <summary>A program that is no system, by its name.</summary>
    Tool,

    /// <summary>Not a file on a fixed disk: a USB stick, the network, a program of the firmware.</summary>
    Elsewhere,

    /// <summary>The firmware's user has switched it off.</summary>
    Inactive,

    /// <summary>Switcher itself.</summary>
    Switcher,

    /// <summary>The variable cannot be understood.</summary>
    Malformed,

    /// <summary>There is no such boot option.</summary>
    Missing,
}

/// <summary>What follows from a verdict.</summary>
public static class OptionVerdicts
{
    /// <summary>Whether a user who wants to can run it under Switcher all the same.</summary>
    public static bool CanRun(this OptionVerdict verdict) => verdict < OptionVerdict.Switcher;

    /// <summary>Why it is not proposed, in a few words; empty for a system.</summary>
    public static ReadOnlySpan<byte> Reason(this OptionVerdict verdict) => verdict switch
    {
        OptionVerdict.System => default,
        OptionVerdict.Repeated => "starts the same system as Boot"u8,
        OptionVerdict.DiskStart => "the disk's own start, beside its system"u8,
        OptionVerdict.Tool => "a tool, not a system"u8,
        OptionVerdict.Elsewhere => "not a loader on a fixed disk"u8,
        OptionVerdict.Inactive => "switched off in the firmware"u8,
        OptionVerdict.Switcher => "Switcher itself"u8,
        OptionVerdict.Malformed => "malformed"u8,
        OptionVerdict.Missing => "there is no such boot option"u8,
        _ => "unknown"u8,
    };
}

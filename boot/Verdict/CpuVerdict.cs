using System;

namespace Switcher.Boot.Verdict;

/// <summary>What a CPU must offer, in the order in which one asks.</summary>
[Flags]
public enum CpuOffer : byte
{
    None = 0,

    /// <summary>AMD's SVM or Intel's VMX.</summary>
    Virtualization = 1,

    /// <summary>The firmware's setup has not switched it off.</summary>
    Enabled = 2,

    /// <summary>AMD's NPT, Intel's EPT.</summary>
    NestedPaging = 4,

    /// <summary>Guests in real mode and without paging; AMD's have it always.</summary>
    UnrestrictedGuest = 8,
    All = Virtualization | Enabled | NestedPaging | UnrestrictedGuest,
}

/// <summary>Judges a machine by its CPUs.</summary>
public static class CpuVerdict
{
    /// <summary>More CPUs than this, and Switcher stays away.</summary>
    public const int MaximumCpus = 256;

    public static ReadOnlySpan<byte> TooManyCpus =>
        "this machine has more CPUs than Switcher supports: switch some off in the firmware setup"u8;

    /// <summary>Names the first feature that is missing.</summary>
    /// <param name="has">What the CPU has.</param>
    /// <param name="known">What is known of it, one way or the other.</param>
    /// <param name="cpus">How many there are.</param>
    /// <param name="findings">Told of what is missing.</param>
    public static void Judge<TFindings>(CpuOffer has, CpuOffer known, int cpus, ref TFindings findings)
        where TFindings : struct, IFindings
    {
        CpuOffer missing = FirstMissing(has);
        if (missing != CpuOffer.None)
            findings.Add((known & missing) != 0 ? Severity.Refused : Severity.Unknown, Lacks(missing));
        if (cpus > MaximumCpus)
            findings.Add(Severity.Refused, TooManyCpus);
    }

    /// <summary>The first feature that a CPU lacks, in the order in which one asks, or <see cref="CpuOffer.None"/>.</summary>
    public static CpuOffer FirstMissing(CpuOffer has)
    {
        CpuOffer missing = CpuOffer.All & ~has;
        return missing & (CpuOffer)(-(int)missing);
    }

    /// <summary>That a feature is missing, in words.</summary>
    public static ReadOnlySpan<byte> Lacks(CpuOffer feature) => feature switch
    {
        CpuOffer.Virtualization => "this CPU has neither AMD SVM nor Intel VMX"u8,
        CpuOffer.Enabled => "virtualization is switched off: enable SVM (AMD) or VT-x (Intel) in the firmware setup"u8,
        CpuOffer.NestedPaging => "this CPU has no nested paging (AMD NPT, Intel EPT)"u8,
        _ => "this CPU has no unrestricted guest mode"u8,
    };
}

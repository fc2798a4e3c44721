using System;

namespace Switcher.Boot.Verdict;

/// <summary>What a finding means for the question whether Switcher runs on a machine.</summary>
public enum Severity : byte
{
    /// <summary>Good to know; it stops nothing.</summary>
    Note,

    /// <summary>It cannot be told whether it would work, so Switcher does not start.</summary>
    Unknown,

    /// <summary>It would not work.</summary>
    Refused,
}

/// <summary>
/// Takes what the judgements of this folder find. They are the only ones: Switcher refuses a machine in the words, and for the reasons,
/// that <c>switcherctl check</c> gives.
/// </summary>
public interface IFindings
{
    /// <param name="severity">What it means.</param>
    /// <param name="sentence">ASCII, one sentence without its capital and full stop.</param>
    void Add(Severity severity, scoped ReadOnlySpan<byte> sentence);
}

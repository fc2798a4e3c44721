using System;
using System.Collections.Generic;
using System.Text;
using Switcher.Boot.Verdict;

namespace Switcher.Ctl.Check;

/// <summary>Whether Switcher will run.</summary>
public enum Verdict
{
    Ok,
    Refused,
    Unknown,
}

/// <summary>A verdict with everything that a user should know of it, in plain words.</summary>
public sealed class Judgement
{
    public Verdict Verdict { get; private set; } = Verdict.Ok;

    /// <summary>Why the verdict is what it is.</summary>
    public List<string> Reasons { get; } = [];

    /// <summary>The first of those that made it so; null where it will run.</summary>
    public string? Cause { get; private set; }

    /// <summary>What each OS would get.</summary>
    public List<string> Shares { get; } = [];

    /// <summary>What to change in the firmware's setup.</summary>
    public List<string> Changes { get; } = [];

    /// <summary>What is risky when two systems share the machine.</summary>
    public List<string> Risks { get; } = [];

    /// <summary>0 will run, 1 will not, 2 could not tell.</summary>
    public int ExitStatus => (int)Verdict;

    /// <summary>A reason why it will not run; it outweighs everything.</summary>
    public void Refuse(string reason)
    {
        if (Verdict != Verdict.Refused)
            Cause = reason;
        Verdict = Verdict.Refused;
        Reasons.Add(reason);
    }

    /// <summary>A reason why one cannot tell.</summary>
    public void Doubt(string reason)
    {
        if (Verdict == Verdict.Ok)
            (Verdict, Cause) = (Verdict.Unknown, reason);
        Reasons.Add(reason);
    }

    public void Note(string reason) => Reasons.Add(reason);
}

/// <summary>Takes the findings that the boot would have too.</summary>
public readonly struct JudgementFindings : IFindings
{
    private readonly Judgement _judgement;

    public JudgementFindings(Judgement judgement) => _judgement = judgement;

    /// <inheritdoc/>
    public void Add(Severity severity, scoped ReadOnlySpan<byte> sentence)
    {
        string reason = Encoding.ASCII.GetString(sentence);
        switch (severity)
        {
            case Severity.Refused:
                _judgement.Refuse(reason);
                break;
            case Severity.Unknown:
                _judgement.Doubt(reason);
                break;
            default:
                _judgement.Note(reason);
                break;
        }
    }
}

using System;

namespace Switcher.Acpi.Aml;

/// <summary>Whether a definition block's code, run when the tables are loaded, creates an object. In order of strength.</summary>
internal enum AmlCertainty : byte
{
    None,

    /// <summary>Only an External declaration, which creates nothing.</summary>
    Declared,

    /// <summary>Inside an If whose predicate is false.</summary>
    Never,

    /// <summary>Inside an If whose predicate cannot be decided from what is readable.</summary>
    Perhaps,
    Always,
}

internal enum AmlObjectKind : byte
{
    None,
    Name,
    Alias,
    Method,
    FieldUnit,
    Region,
    Device,
    Other,
}

/// <summary>Where a name is defined.</summary>
internal struct AmlDefinition
{
    /// <summary>What the path hashes to, in the memory of earlier searches; zero in an empty place.</summary>
    public ulong Key;

    /// <summary>
    /// The search for it has begun and not ended: whoever asks now asks in a circle, and gets what has been found so far.
    /// </summary>
    public bool IsSearching;
    public AmlCertainty Certainty;
    public AmlObjectKind Kind;

    /// <summary>Number of the definition block: 0 the DSDT, then the entries of the root table.</summary>
    public int Table;

    /// <summary>What follows the name: data, method body, region of a field, source of an alias.</summary>
    public int Offset;
    public int End;
    public int ArgumentCount;

    /// <summary>Place of a field unit in its region, in bits.</summary>
    public long BitOffset;
    public int BitLength;

    /// <summary>How many definitions with certainty Always there are.</summary>
    public int Count;
}

/// <summary>An integer, or not known.</summary>
internal readonly struct AmlValue
{
    public AmlValue(ulong value)
    {
        IsKnown = true;
        Value = value;
    }

    public bool IsKnown { get; }
    public ulong Value { get; }

    public static AmlValue Of(bool value) => new(value ? ulong.MaxValue : 0);

    public AmlCertainty AsPredicate => !IsKnown ? AmlCertainty.Perhaps : Value != 0 ? AmlCertainty.Always : AmlCertainty.Never;
}

/// <summary>An absolute path: a run of segments on the path stack.</summary>
internal readonly struct AmlPath
{
    public AmlPath(int start, int count)
    {
        Start = start;
        Count = count;
    }

    public int Start { get; }
    public int Count { get; }
    public int End => Start + Count;
    public AmlPath Parent => new(Start, Count - 1);
}

/// <summary>What a term list or an expression is read for.</summary>
internal enum AmlPurpose : byte
{
    /// <summary>To pass over it: the names in it matter only if they take arguments.</summary>
    Skip,

    /// <summary>To see whether the name is defined in it at all; predicates are not evaluated.</summary>
    Glance,

    /// <summary>To find the definition, or to know the value.</summary>
    Evaluate,
}

/// <summary>A term list, or an expression, and the circumstances under which an OS would run it.</summary>
internal readonly ref struct AmlBlock
{
    public AmlBlock(ReadOnlySpan<byte> aml, int table, int end, AmlPath scope, AmlCertainty certainty, AmlPurpose purpose)
    {
        Aml = aml;
        Table = table;
        End = end;
        Scope = scope;
        Certainty = certainty;
        Purpose = purpose;
    }

    public ReadOnlySpan<byte> Aml { get; }
    public int Table { get; }
    public int End { get; }
    public AmlPath Scope { get; }
    public AmlCertainty Certainty { get; }
    public AmlPurpose Purpose { get; }

    /// <summary>A term list inside, in a scope of its own.</summary>
    public AmlBlock Scoped(int end, AmlPath scope) => new(Aml, Table, end, scope, Certainty, Purpose);

    /// <summary>A term list inside that runs under a condition.</summary>
    public AmlBlock Branch(int end, AmlCertainty certainty) =>
        new(Aml, Table, end, Scope, certainty < Certainty ? certainty : Certainty, Purpose);

    /// <summary>The same term list or an expression in it, read for another purpose.</summary>
    public AmlBlock For(AmlPurpose purpose, int end) => new(Aml, Table, end, Scope, Certainty, purpose);
}

/// <summary>The bounds of one search, and what went wrong in it.</summary>
internal struct AmlWork
{
    /// <summary>Terms that may still be read: a search over the largest real machine takes less than a hundredth.</summary>
    public int StepsLeft;

    /// <summary>First free place of the path stack.</summary>
    public int Top;

    /// <summary>Term lists and terms inside each other, searches inside searches included: it bounds the stack.</summary>
    public int Depth;

    /// <summary>Searches inside searches.</summary>
    public int Nesting;

    /// <summary>Searches not done because they were nested too deeply.</summary>
    public int Refused;
    public ProblemKind Problem;
    public int ProblemTable;
    public int ProblemOffset;

    /// <summary>Keeps the first problem only; gives false, for the caller to return.</summary>
    public bool Fail(ProblemKind problem, int table, int offset)
    {
        if (Problem == ProblemKind.None)
        {
            Problem = problem;
            ProblemTable = table;
            ProblemOffset = offset;
        }
        return false;
    }
}

using System;

namespace Switcher.Acpi;

/// <summary>What is wrong with a machine's tables. None of them stops a reader by itself.</summary>
public enum ProblemKind : byte
{
    None,
    RsdpUnreadable,
    RsdpSignatureWrong,
    RsdpChecksumWrong,
    RsdpExtendedChecksumWrong,
    RsdpLengthWrong,
    RootTableMissing,
    XsdtWithoutFadt,
    RootEntryZero,
    RootEntryRepeated,
    RootEntryIsRoot,
    RootLengthUneven,
    TooManyTables,
    TableLengthTooShort,
    TableLengthTooLong,
    TablesOverlap,
    ChecksumWrong,
    SignatureUnexpected,
    FadtMissing,
    FadtSeveral,
    FadtLengthUnexpected,
    FadtAddressesDiffer,
    FadtRegisterLengthWrong,
    FadtRegisterSpaceUnknown,
    FadtBlockHalfGiven,
    Pm1EventMissing,
    Pm1ControlMissing,
    SleepRegistersMissing,
    ResetRegisterUnusable,
    DsdtMissing,
    DsdtAddressesDiffer,
    FacsMissing,
    FacsAddressesDiffer,
    FacsUnusable,
    FacsLengthWrong,
    FacsMisaligned,
    TableUnreadable,
    RecordLengthWrong,
    AmlMalformed,
    AmlTooDeep,
    AmlTooLong,
    SleepPackageMalformed,
    SleepTypeOutOfRange,
    SleepObjectRepeated,
}

/// <summary>One finding: its kind, the table it is about, and two numbers whose meaning the kind gives.</summary>
public readonly struct Problem
{
    /// <param name="kind">What is wrong.</param>
    /// <param name="table">The table it is about; zero when there is none.</param>
    /// <param name="address">The table's physical address, or the offset in it where a byte is meant; see
    /// <see cref="ProblemKind"/>.</param>
    /// <param name="expected">What should have been there.</param>
    /// <param name="found">What was there.</param>
    public Problem(ProblemKind kind, Signature table, ulong address, ulong expected, ulong found)
    {
        Kind = kind;
        Table = table;
        Address = address;
        Expected = expected;
        Found = found;
    }

    public ProblemKind Kind { get; }
    public Signature Table { get; }
    public ulong Address { get; }
    public ulong Expected { get; }
    public ulong Found { get; }
}

/// <summary>
/// Collects problems into memory of the caller's. Nothing is allocated; what does not fit is counted in <see cref="Dropped"/>. A default
/// list takes and forgets everything.
/// </summary>
public readonly ref struct ProblemList
{
    private readonly Span<Problem> _storage;

    /// <param name="storage">Where the records go: one element more than problems to keep, since the first one holds the counts.</param>
    public ProblemList(Span<Problem> storage)
    {
        _storage = storage;
        if (!storage.IsEmpty)
            storage[0] = default;
    }

    /// <summary>How many records are held.</summary>
    public int Count => _storage.IsEmpty ? 0 : (int)_storage[0].Expected;

    /// <summary>How many did not fit.</summary>
    public int Dropped => _storage.IsEmpty ? 0 : (int)_storage[0].Found;

    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    public Problem this[int index] => _storage[index + 1];

    internal void Add(ProblemKind kind, Signature table = default, ulong address = 0, ulong expected = 0, ulong found = 0)
    {
        if (_storage.IsEmpty)
            return;
        int count = Count;
        bool fits = count + 1 < _storage.Length;
        if (fits)
            _storage[count + 1] = new Problem(kind, table, address, expected, found);
        _storage[0] = new Problem(ProblemKind.None, default, 0, (ulong)(fits ? count + 1 : count), (ulong)(fits ? Dropped : Dropped + 1));
    }
}

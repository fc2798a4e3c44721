using System;

namespace Switcher.Boot.Config;

/// <summary>
/// What is wrong with a configuration variable. Nothing of this stops the boot: the value is ignored and its default used.
/// </summary>
public enum ConfigProblemKind : byte
{
    /// <summary>A line is not of the form <c>key=value</c>.</summary>
    NotKeyValue,

    /// <summary>A line's key means nothing to us.</summary>
    UnknownKey,

    /// <summary>A key comes again. The last one counts.</summary>
    RepeatedKey,

    /// <summary><c>memory</c> is neither a percentage of 1 to 100 nor a number of MiB or GiB.</summary>
    BadMemory,

    /// <summary><c>clock</c> is neither <c>utc</c> nor <c>local</c>.</summary>
    BadClock,

    /// <summary><c>sleep</c> is neither <c>switch</c> nor <c>machine</c>.</summary>
    BadSleep,

    /// <summary>A line is not valid UTF-8.</summary>
    BadText,

    /// <summary><c>SwitcherGuests</c> has an odd number of bytes. The last is ignored.</summary>
    OddLength,

    /// <summary><c>SwitcherGuests</c> names a boot option twice. The second one is ignored.</summary>
    RepeatedGuest,

    /// <summary><c>SwitcherGuests</c> names more guests than there can be. The rest is ignored.</summary>
    TooManyGuests,

    /// <summary><c>SwitcherGuests</c> names fewer than two guests, so it is of no use.</summary>
    TooFewGuests,
}

/// <summary>One problem and where it is.</summary>
public readonly struct ConfigProblem
{
    public readonly ConfigProblemKind Kind;

    /// <summary>The line, counted from 1, or for a list the element, counted from 0.</summary>
    public readonly int Position;

    public ConfigProblem(ConfigProblemKind kind, int position)
    {
        Kind = kind;
        Position = position;
    }

    /// <summary>What it means, in words for the log.</summary>
    public ReadOnlySpan<byte> Text => Kind switch
    {
        ConfigProblemKind.NotKeyValue => "not of the form key=value"u8,
        ConfigProblemKind.UnknownKey => "unknown key"u8,
        ConfigProblemKind.RepeatedKey => "key given twice, the last one counts"u8,
        ConfigProblemKind.BadMemory => "memory is neither 1% to 100% nor a number with M or G"u8,
        ConfigProblemKind.BadClock => "clock is neither utc nor local"u8,
        ConfigProblemKind.BadSleep => "sleep is neither switch nor machine"u8,
        ConfigProblemKind.BadText => "not valid UTF-8"u8,
        ConfigProblemKind.OddLength => "the list has an odd number of bytes"u8,
        ConfigProblemKind.RepeatedGuest => "boot option given twice"u8,
        ConfigProblemKind.TooManyGuests => "more than 16 guests"u8,
        ConfigProblemKind.TooFewGuests => "fewer than 2 guests"u8,
        _ => "unknown problem"u8,
    };
}

/// <summary>Collects problems in the caller's storage; what does not fit is only counted.</summary>
internal ref struct ProblemList
{
    private readonly Span<ConfigProblem> storage;

    public ProblemList(Span<ConfigProblem> storage) => this.storage = storage;

    public int Count { get; private set; }

    public void Add(ConfigProblemKind kind, int position)
    {
        if (Count < storage.Length)
            storage[Count] = new ConfigProblem(kind, position);
        Count++;
    }
}

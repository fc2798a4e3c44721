namespace Switcher.Acpi;

/// <summary>What a machine's AML says of one of the objects \_S0 to \_S5.</summary>
public enum SleepStateSource : byte
{
    /// <summary>No definition block mentions it.</summary>
    Missing,

    /// <summary>Every OS finds it, but its values cannot be told here: a method that does more than return a package.</summary>
    Unreadable,

    /// <summary>Only under another name (XS3, SS3, ...), which no OS asks for: the firmware's setup hides it.</summary>
    Renamed,

    /// <summary>Inside an If whose predicate is false: the firmware's setup turned it off.</summary>
    Disabled,

    /// <summary>Inside an If that depends on something that could not be read.</summary>
    Conditional,

    /// <summary>Every OS finds it.</summary>
    Present,
}

/// <summary>One sleep state and what the OS writes to SLP_TYP to ask for it (ACPI 6.5, 7.4.2 "\_Sx (Sleep State)").</summary>
public readonly struct SleepState
{
    public SleepState(SleepStateSource source, byte slpTypA, byte slpTypB)
    {
        Source = source;
        SlpTypA = slpTypA;
        SlpTypB = slpTypB;
    }

    public SleepStateSource Source { get; }

    /// <summary>Value for PM1a_CNT (or SLEEP_CONTROL_REG), 0 to 7 on a sane machine; meaningful when <see cref="HasValues"/>.</summary>
    public byte SlpTypA { get; }

    /// <summary>Value for PM1b_CNT.</summary>
    public byte SlpTypB { get; }

    /// <summary>True when the tables give values, whether an OS sees them or not.</summary>
    public bool HasValues => Source > SleepStateSource.Unreadable;

    /// <summary>True when an OS finds the object, or finds it unless an unreadable setting says otherwise.</summary>
    public bool IsOffered => Source >= SleepStateSource.Conditional;
}

using Switcher.Acpi;

namespace Switcher.Boot.Verdict;

/// <summary>How a machine sleeps, as its tables say.</summary>
public readonly ref struct SleepTables<TMemory>
    where TMemory : struct, IAcpiMemory
{
    public RootTables<TMemory> Tables { get; init; }

    /// <summary>False without a FADT; then nothing else is known.</summary>
    public bool HasFadt { get; init; }
    public Fadt Fadt { get; init; }
    public ulong FadtAddress { get; init; }
    public SleepHardware Hardware { get; init; }

    /// <summary>False when the FADT leads to no DSDT, so that the sleep types are not known.</summary>
    public bool HasDsdt { get; init; }
    public SleepTypes Sleep { get; init; }
}

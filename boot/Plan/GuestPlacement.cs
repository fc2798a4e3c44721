namespace Switcher.Boot.Plan;

/// <summary>What a guest may see of the firmware's memory.</summary>
public enum GuestKind : byte
{
    /// <summary>
    /// Its loader ran first and stopped at ExitBootServices: it sees its own partition, and private copies of what it must share otherwise.
    /// </summary>
    Parked,

    /// <summary>Its loader ran last and its ExitBootServices was the firmware's: it inherits what the firmware leaves.</summary>
    Last,
}

/// <summary>One guest as the plan sees it.</summary>
public readonly struct GuestPlacement
{
    /// <summary>Its index in the plan.</summary>
    public int Guest { get; init; }

    public GuestKind Kind { get; init; }
}

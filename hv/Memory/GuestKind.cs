namespace Switcher.Hv.Memory;

/// <summary>What a guest may see of the firmware's memory.</summary>
public enum GuestKind : byte
{
    /// <summary>Its loader ran first and stopped at ExitBootServices: it sees its own partition, and private copies of what it must share otherwise.</summary>
    Parked,

    /// <summary>Its loader ran last and its ExitBootServices was the firmware's: it inherits what the firmware leaves.</summary>
    Last,
}

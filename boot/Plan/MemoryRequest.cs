namespace Switcher.Boot.Plan;

/// <summary>In what a <see cref="MemoryRequest"/> is given.</summary>
public enum MemoryUnit : byte
{
    /// <summary>No request: an equal share of what the other guests' requests leave.</summary>
    Share,
    Bytes,

    /// <summary>Hundredths of all RAM that the plan can give to guests, so that requests of 40 and 60 % leave nothing.</summary>
    Percent,
}

/// <summary>How much RAM a guest asks for, in all (below and above 4 GiB).</summary>
public readonly struct MemoryRequest
{
    public readonly MemoryUnit Unit;

    /// <summary>Bytes, or percent, or 0.</summary>
    public readonly ulong Value;

    private MemoryRequest(MemoryUnit unit, ulong value)
    {
        Unit = unit;
        Value = value;
    }

    public static MemoryRequest Share => default;

    public static MemoryRequest FromBytes(ulong bytes) => new(MemoryUnit.Bytes, bytes);

    public static MemoryRequest FromPercent(uint percent) => new(MemoryUnit.Percent, percent);
}

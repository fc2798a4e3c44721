namespace Switcher.Hv.State;

/// <summary>
/// The machine's clock where guests keep it in different conventions: some as universal time, others as local time. It always shows what
/// the domain that has the machine expects.
/// </summary>
public struct MachineClock
{
    /// <summary>Of a frequency that was measured in hundredths of a second.</summary>
    public const long FirstPrecision = 256;

    /// <summary>Guests differ, so the clock has to be looked at. Otherwise it is nobody's business.</summary>
    public bool IsShared;

    /// <summary>FADT CENTURY: index of the register that has the century, or 0.</summary>
    public byte Century;

    /// <summary>How far local time is ahead of universal time, in seconds: learnt from guests that set the clock.</summary>
    public long LocalOffset;

    /// <summary>What the clock showed when the machine got its owner, in seconds since 1 January 1970, and the time-stamp then.</summary>
    public long Shown;
    public ulong ShownAt;

    /// <summary>Ticks of the time-stamp counter in a second of this clock.</summary>
    public ulong Frequency;

    /// <summary>One part in this many is what <see cref="Frequency"/> may be wrong by.</summary>
    public long Precision;
}

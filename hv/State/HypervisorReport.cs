using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Switcher.Boot.Config;
using Switcher.Boot.Plan;

namespace Switcher.Hv.State;

/// <summary>
/// What the hypervisor tells the firmware's domain of itself, in numbers, at <see cref="HypervisorState.Report"/>. Guests are counted from
/// 0, and <see cref="Domain.Nobody"/> is none. The log, when it is asked for, lies at <see cref="LogOffset"/>.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct HypervisorReport
{
    public const int LogOffset = 4096;
    public const int LogCapacity = 64 * 1024;

    /// <summary>Bytes of the whole.</summary>
    public const int Length = LogOffset + LogCapacity;

    /// <summary>Switches since the first guest began.</summary>
    public ulong Switches;

    /// <summary>The latest switch: who went, who came.</summary>
    public int From;
    public int To;

    /// <summary>Its ticks of the time-stamp counter, and how many make a second.</summary>
    public ulong Ticks;
    public ulong TimestampFrequency;

    /// <summary>Who is to have the machine at the next switch.</summary>
    public int Next;

    /// <summary>What S3 means for all guests.</summary>
    public SleepPolicy Sleep;

    public bool HasLostServices;

    /// <summary>One for each guest of the machine.</summary>
    public GuestReports Guests;
}

/// <summary>What there is to tell of a guest.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct GuestReport
{
    public DomainPhase Phase;
    public SleepPolicy Sleep;

    /// <summary>How often it was loaded again.</summary>
    public ulong Restarts;

    /// <summary>Its exits since the boot.</summary>
    public ulong Exits;
}

/// <summary>As many as there can be guests.</summary>
[InlineArray(MemoryPlanner.MaximumGuests)]
public struct GuestReports
{
    private GuestReport _first;
}


namespace Switcher.Boot.Plan;

/// <summary>Why a plan could not be made.</summary>
public enum PlanStatus
{
    Ok,

    /// <summary>
    /// Fewer than <see cref="MemoryPlanner.MinimumGuests"/> or more than <see cref="MemoryPlanner.MaximumGuests"/> guests.
    /// </summary>
    GuestCount,

    /// <summary>A descriptor of the firmware's map is not page aligned or wraps around. The guest index tells which descriptor.</summary>
    MalformedDescriptor,

    /// <summary>Two descriptors of the firmware's map overlap. The guest index tells which descriptor comes second in the map.</summary>
    OverlappingDescriptors,

    /// <summary>The firmware's map has more than <see cref="MemoryPlanner.MaximumDescriptors"/> descriptors.</summary>
    TooManyDescriptors,

    /// <summary>The caller's table for the plan is smaller than <see cref="MemoryPlanner.TableEntries"/>.</summary>
    TableTooSmall,

    /// <summary>No conventional range below 640 KiB is large enough for the code that starts and wakes processors.</summary>
    NoLowWindow,

    /// <summary>No conventional range below 4 GiB can hold the hypervisor.</summary>
    NoRoomForHypervisor,

    /// <summary>No conventional range below 4 GiB can hold the heap that the firmware keeps.</summary>
    NoRoomForFirmware,

    /// <summary>A guest would get less RAM than <see cref="MemoryPlanner.MinimumPartition"/>.</summary>
    TooLittleMemory,

    /// <summary>A guest would get less RAM in one piece below 4 GiB than <see cref="MemoryPlanner.MinimumLowPiece"/>.</summary>
    TooLittleLowMemory,

    /// <summary>A guest asks for less than <see cref="MemoryPlanner.MinimumPartition"/>.</summary>
    RequestTooSmall,

    /// <summary>The requests together, with the smallest share for those who ask for nothing, exceed the RAM to be shared out.</summary>
    RequestsTooLarge,
}

/// <summary>A failed plan: what is wrong, with the numbers for the message to the user.</summary>
public readonly struct PlanFailure
{
    public readonly PlanStatus Status;

    /// <summary>The guest concerned, or the descriptor for the two statuses that are about one; otherwise -1.</summary>
    public readonly int Index;

    /// <summary>What there is, in bytes (or a count where the status is about one).</summary>
    public readonly ulong Available;

    /// <summary>What it would take, in bytes (or a count).</summary>
    public readonly ulong Needed;

    public PlanFailure(PlanStatus status, ulong available, ulong needed, int index = -1)
    {
        Status = status;
        Available = available;
        Needed = needed;
        Index = index;
    }
}

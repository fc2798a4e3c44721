using Switcher.Boot.Memory;

namespace Switcher.Boot.Plan;

/// <summary>Who owns a range of RAM from the plan on.</summary>
public enum OwnerKind : byte
{
    /// <summary>Left to the firmware.</summary>
    Firmware,

    /// <summary>Left to the firmware on purpose, so that it can go on working while everything else is taken.</summary>
    FirmwareHeap,
    Hypervisor,

    /// <summary>
    /// Below 640 KiB: the guest-physical window that every guest sees as its only RAM there, on backing of its own.
    /// </summary>
    LowWindow,

    /// <summary>A part of a guest's partition.</summary>
    Guest,
}

/// <summary>A range of RAM and its owner.</summary>
public readonly struct PlannedRange
{
    public readonly MemoryRange Range;
    public readonly OwnerKind Owner;

    /// <summary>The guest's index where <see cref="Owner"/> is <see cref="OwnerKind.Guest"/>, 0 otherwise.</summary>
    public readonly byte Guest;

    public PlannedRange(MemoryRange range, OwnerKind owner, int guest = 0)
    {
        Range = range;
        Owner = owner;
        Guest = (byte)guest;
    }

    public bool BelongsTo(int guest) => Owner == OwnerKind.Guest && Guest == guest;
}

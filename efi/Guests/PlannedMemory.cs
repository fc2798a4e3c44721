using System;
using Switcher.Boot.Memory;
using Switcher.Boot.Plan;

namespace Switcher.Efi.Guests;

/// <summary>The memory plan and what it was made of, in boot-services memory.</summary>
public unsafe struct PlannedMemory
{
    /// <summary>Who owns which RAM: sorted by address.</summary>
    public PlannedRange* Ranges;
    public int RangeCount;

    /// <summary>The firmware's memory map when the plan was made, 40 bytes a descriptor whatever the firmware's stride is.</summary>
    public MemoryDescriptor* FirmwareMap;
    public int FirmwareMapCount;

    public readonly MemoryPlan Plan => new(new ReadOnlySpan<PlannedRange>(Ranges, RangeCount));

    public readonly ReadOnlySpan<MemoryDescriptor> FirmwareDescriptors => new(FirmwareMap, FirmwareMapCount);
}

using System;
using Switcher.Boot.Memory;

namespace Switcher.Boot.Plan;

/// <summary>Refuses a firmware map that no plan can be built on.</summary>
internal static class FirmwareMapCheck
{
    // UEFI addresses are below 2^52 on x86-64 (SDM vol. 3, 4.1.4 "Enumeration of Paging Features by CPUID": MAXPHYADDR is at most 52).
    private const ulong AddressLimit = 1UL << 52;

    public static PlanFailure Check(ReadOnlySpan<MemoryDescriptor> map)
    {
        if (map.Length > MemoryPlanner.MaximumDescriptors)
            return new PlanFailure(PlanStatus.TooManyDescriptors, (ulong)map.Length, MemoryPlanner.MaximumDescriptors);

        for (int i = 0; i < map.Length; i++)
        {
            ref readonly MemoryDescriptor descriptor = ref map[i];
            if (descriptor.PhysicalStart % PageSize.Small != 0
                || descriptor.PhysicalStart > AddressLimit
                || descriptor.NumberOfPages > (AddressLimit - descriptor.PhysicalStart) / PageSize.Small)
                return new PlanFailure(PlanStatus.MalformedDescriptor, descriptor.PhysicalStart, descriptor.NumberOfPages, i);

            for (int j = 0; j < i; j++)
            {
                if (map[j].Range.Overlaps(descriptor.Range))
                    return new PlanFailure(PlanStatus.OverlappingDescriptors, descriptor.PhysicalStart, map[j].PhysicalStart, i);
            }
        }

        return default;
    }
}

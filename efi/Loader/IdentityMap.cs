using System;
using Switcher.Boot.Memory;
using Switcher.Boot.Plan;
using Switcher.Efi.Cpu;
using Switcher.Efi.Firmware;
using Switcher.Hv.Cpu;
using Switcher.Hv.Paging;

namespace Switcher.Efi.Loader;

/// <summary>An identity map of the physical address space for a guest's first moments, in its partition.</summary>
internal static unsafe class IdentityMap
{
    // Half of the 48-bit linear addresses are negative; the other half ends here.
    private const int LinearBits = 47;

    /// <summary>Builds it for the paging mode that the CPU is in.</summary>
    /// <returns>The value of CR3, or 0.</returns>
    public static ulong Create(Session* session)
    {
        ulong largestPage = CpuFeatures<ThisCpu>.LargestPage;
        int bits = Math.Min(HypervisorMemory.MappedAddressBits(CpuFeatures<ThisCpu>.PhysicalAddressBits, largestPage), LinearBits);
        int levels = (Instructions.ReadCr4() & Cr4.FiveLevelPaging) != 0 ? 5 : 4;
        ulong length = NestedPageTable<HostFormat, IdentityMemory>.IdentityPages(bits, largestPage, levels) * PageSize.Small;
        ulong memory = MemoryServices.Allocate(session, MemoryType.Reserved, length);
        if (memory == 0)
            return 0;

        // The tables take all of these pages and no more.
        var arena = new PageArena(new MemoryRange(memory, length));
        NestedPageTable<HostFormat, IdentityMemory>.TryCreate(
            ref arena, largestPage, out NestedPageTable<HostFormat, IdentityMemory> table, levels);
        table.MapIdentity(new MemoryRange(0, 1UL << bits), Access.ReadWriteExecute, CacheType.WriteBack, ref arena);
        return table.Root.Value;
    }
}

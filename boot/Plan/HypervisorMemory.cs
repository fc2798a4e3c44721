using System;
using Switcher.Boot.Memory;

namespace Switcher.Boot.Plan;

/// <summary>How much memory the hypervisor needs: a function of the machine and of the program.</summary>
public readonly struct HypervisorMemory
{
    /// <summary>Table pages of a guest: measured with maps of real machines, far more than they take.</summary>
    private const int TablePagesOfAGuest = 96;

    private const ulong FixedPages = 192;
    private const int EntriesOfATable = 512;

    // Without pages of 1 GiB each GiB of the map costs a page. The processors that lack them have devices no higher than this.
    private const int AddressBitsWithoutHugePages = 39;
    private const int MostAddressBits = 48;

    /// <summary>Bytes of the program's copy, and of its log.</summary>
    public ulong ProgramBytes { get; init; }
    public int Cpus { get; init; }
    public int PagesOfACpu { get; init; }

    public int Guests { get; init; }

    /// <summary>The firmware's ACPI memory.</summary>
    public AcpiMemorySize Acpi { get; init; }

    /// <summary>CPUID 8000_0008h, EAX[7:0].</summary>
    public int PhysicalAddressBits { get; init; }

    /// <summary>The largest pages of nested tables and of ordinary ones: of <see cref="PageSize"/>, not the smallest.</summary>
    public ulong LargestNestedPage { get; init; }
    public ulong LargestPage { get; init; }

    /// <summary>In units of 2 MiB.</summary>
    public ulong Bytes
    {
        get
        {
            ulong pages = FixedPages + (ProgramBytes / PageSize.Small) + (ulong)(Cpus * PagesOfACpu)
                + IdentityTables(LargestNestedPage) + IdentityTables(LargestPage) + (ulong)(Guests * TablePagesOfAGuest)
                + ((ulong)Guests * ((LowWindow.ConventionalEnd + Acpi.TableBytes) / PageSize.Small))
                + ((ulong)(Guests + 1) * (Acpi.NvsBytes / PageSize.Small));
            return PageSize.AlignUp(pages * PageSize.Small, PageSize.Large);
        }
    }

    /// <summary>How many bits of the physical address space are mapped: four levels of tables reach 2^48.</summary>
    /// <param name="physicalAddressBits">What the processor has.</param>
    /// <param name="largestPage">The largest page that maps it.</param>
    public static int MappedAddressBits(int physicalAddressBits, ulong largestPage) =>
        Math.Min(physicalAddressBits, largestPage == PageSize.Huge ? MostAddressBits : AddressBitsWithoutHugePages);

    /// <summary>Pages of tables that map the whole address space with pages of one size.</summary>
    private ulong IdentityTables(ulong largestPage) =>
        ((1UL << MappedAddressBits(PhysicalAddressBits, largestPage)) / (largestPage * EntriesOfATable)) + 1;
}

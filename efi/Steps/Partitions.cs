using System;
using Switcher.Boot.Memory;
using Switcher.Boot.Partition;
using Switcher.Boot.Plan;
using Switcher.Boot.Text;
using Switcher.Efi.Firmware;
using Switcher.Efi.Guests;
using Switcher.Efi.Launch;
using Switcher.Efi.Uefi;
using Switcher.Hv.Paging;
using AllocateType = Switcher.Efi.Uefi.AllocateType;
using HvMemoryDescriptor = Switcher.Boot.Memory.MemoryDescriptor;
using MemoryType = Switcher.Efi.Uefi.MemoryType;

namespace Switcher.Efi.Steps;

/// <summary>The step "memory": plans the machine's RAM and takes it from the firmware.</summary>
internal static unsafe class Partitions
{
    // Differently used ranges of one partition: a loader's pools and images make some dozens.
    private const int PageTableLength = 1024;

    // As many as fit into a line of the log.
    private const int LoggedRanges = 24;

    private static PlannedRange* s_ranges;
    private static int s_count;

    // How many of the ranges have been taken from the firmware, in their order.
    private static int s_taken;
    private static HvMemoryDescriptor* s_firmwareMap;
    private static int s_firmwareMapCount;

    /// <summary>Who owns what.</summary>
    public static MemoryPlan Plan => new(new ReadOnlySpan<PlannedRange>(s_ranges, s_count));

    /// <summary>Tells the hypervisor.</summary>
    public static void Describe(ref BootPlan plan)
    {
        plan.Ranges = s_ranges;
        plan.RangeCount = s_count;
        plan.FirmwareMap = s_firmwareMap;
        plan.FirmwareMapCount = s_firmwareMapCount;
    }

    /// <summary>Plans the memory for the guests, takes it, and makes every partition free for its guest's loader.</summary>
    public static bool Reserve()
    {
        // All memory of the boot side's own first, so that the map is final.
        s_ranges = FirmwareAccess.Allocate<PlannedRange>(MemoryPlanner.TableEntries);
        s_firmwareMap = FirmwareAccess.Allocate<HvMemoryDescriptor>(FirmwareMap.Capacity);
        bool hasTables = s_ranges != null && s_firmwareMap != null;
        for (int i = 0; i < BootGuests.Count && hasTables; i++)
        {
            BootGuests.At(i).PageTable = FirmwareAccess.Allocate<HvMemoryDescriptor>(PageTableLength);
            BootGuests.At(i).PageTableLength = PageTableLength;
            hasTables = BootGuests.At(i).PageTable != null;
        }

        if (!hasTables || !FirmwareMap.Read(out _))
            return Refusal.Because("the firmware has no memory left for Switcher's tables"u8);
        FirmwareMap.Descriptors.CopyTo(new Span<HvMemoryDescriptor>(s_firmwareMap, FirmwareMap.Capacity));
        s_firmwareMapCount = FirmwareMap.Descriptors.Length;

        Span<MemoryRequest> requests = stackalloc MemoryRequest[MemoryPlanner.MaximumGuests];
        for (int i = 0; i < BootGuests.Count; i++)
            requests[i] = BootGuests.At(i).Memory;
        PlanFailure failure = MemoryPlanner.Plan(
            FirmwareMap.Descriptors, requests.Slice(0, BootGuests.Count), Hypervisor.RequiredBytes(BootGuests.Count), 0,
            new Span<PlannedRange>(s_ranges, MemoryPlanner.TableEntries), out MemoryPlan plan);
        if (failure.Status != PlanStatus.Ok)
            return PlanRefusal.Because(failure);
        s_count = plan.Ranges.Length;
        return Take() && GiveToGuests() && Report();
    }

    /// <summary>Gives the low window back to the firmware: the guest that starts first has its low memory from there.</summary>
    public static void ReleaseLowWindow()
    {
        for (int i = 0; i < s_taken; i++)
        {
            if (s_ranges[i].Owner == OwnerKind.LowWindow)
                Release(s_ranges[i].Range);
        }
    }

    /// <summary>Gives everything back that was taken, for a native boot.</summary>
    public static void ReleaseAll()
    {
        for (int i = 0; i < s_taken; i++)
        {
            if (s_ranges[i].Owner != OwnerKind.FirmwareHeap)
                Release(s_ranges[i].Range);
        }

        s_taken = 0;
    }

    private static void Release(MemoryRange range) =>
        FirmwareAccess.Services->FreePages(range.Start, (nuint)(range.Length / PageSize.Small));

    private static bool Take()
    {
        for (; s_taken < s_count; s_taken++)
        {
            PlannedRange planned = s_ranges[s_taken];
            if (planned.Owner == OwnerKind.FirmwareHeap)
                continue;

            // Loader code, because firmware that enforces no-execute lets only code types execute; no guest's map shows it.
            ulong address = planned.Range.Start;
            nuint pages = (nuint)(planned.Range.Length / PageSize.Small);
            if (FirmwareAccess.Services->AllocatePages(AllocateType.Address, MemoryType.LoaderCode, pages, &address).IsError)
                return Refusal.Because("the firmware does not give memory that its map calls free"u8);
        }

        return true;
    }

    private static bool GiveToGuests()
    {
        for (int i = 0; i < BootGuests.Count; i++)
        {
            ref GuestBoot guest = ref BootGuests.At(i);
            guest.Kind = i == 0 ? GuestKind.Last : GuestKind.Parked;
            if (BootGuests.Pages(ref guest).Initialize(Plan, i, guest.Kind) != AllocationStatus.Success)
                return Refusal.Because("a partition is in too many pieces"u8);
        }

        return true;
    }

    private static bool Report()
    {
        var line = new LogLine("STEP memory"u8);
        line.Range("hypervisor"u8, Plan.Hypervisor);
        LoadedImage* self = FirmwareAccess.Interface<LoadedImage>(FirmwareAccess.Image, LoadedImage.Protocol);
        line.Number("image"u8, self == null ? 0 : self->ImageSize);
        line.Number("reserved"u8, Plan.Hypervisor.Length);
        line.WriteTo<Log>();
        Span<MemoryRange> owned = stackalloc MemoryRange[LoggedRanges];
        for (int i = 0; i < BootGuests.Count; i++)
        {
            line = new LogLine("INFO guest"u8);
            line.Number("index"u8, (ulong)i);
            line.Quoted("name"u8, BootGuests.At(i).NameText);
            line.Key("option"u8);
            line.HexDigits(BootGuests.At(i).BootOption, 4);
            line.Key("ranges"u8);
            var placement = new GuestPlacement { Guest = i, Kind = i == 0 ? GuestKind.Last : GuestKind.Parked };
            int count = OwnedRanges.Write(new ReadOnlySpan<HvMemoryDescriptor>(s_firmwareMap, s_firmwareMapCount), Plan, placement, owned);
            for (int range = 0; range < count; range++)
            {
                if (range > 0)
                    line.Text(","u8);
                line.Range(owned[range]);
            }

            line.WriteTo<Log>();
        }

        return true;
    }
}

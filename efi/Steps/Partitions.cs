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

    /// <summary>Plans the memory for the guests, takes it, and makes every partition free for its guest's loader.</summary>
    public static bool Reserve(BootContext* boot)
    {
        PlannedMemory* memory = &boot->Plan.Memory;
        // All memory of the boot side's own first, so that the map is final.
        memory->Ranges = boot->Firmware.Allocate<PlannedRange>(MemoryPlanner.TableEntries);
        memory->FirmwareMap = boot->Firmware.Allocate<HvMemoryDescriptor>(FirmwareMap.Capacity);
        bool hasTables = memory->Ranges != null && memory->FirmwareMap != null;
        for (int i = 0; i < boot->Plan.Guests.Count && hasTables; i++)
        {
            boot->Plan.Guests.At(i)->PageTable = boot->Firmware.Allocate<HvMemoryDescriptor>(PageTableLength);
            boot->Plan.Guests.At(i)->PageTableLength = PageTableLength;
            hasTables = boot->Plan.Guests.At(i)->PageTable != null;
        }

        if (!hasTables || !boot->Firmware.Map.Read(out _))
            return boot->Firmware.Refusal.Because("the firmware has no memory left for Switcher's tables"u8);
        boot->Firmware.Map.Descriptors.CopyTo(new Span<HvMemoryDescriptor>(memory->FirmwareMap, FirmwareMap.Capacity));
        memory->FirmwareMapCount = boot->Firmware.Map.Descriptors.Length;

        Span<MemoryRequest> requests = stackalloc MemoryRequest[MemoryPlanner.MaximumGuests];
        for (int i = 0; i < boot->Plan.Guests.Count; i++)
            requests[i] = boot->Plan.Guests.At(i)->Memory;
        PlanFailure failure = MemoryPlanner.Plan(
            boot->Firmware.Map.Descriptors, requests.Slice(0, boot->Plan.Guests.Count),
            boot->Hypervisor.RequiredBytes(boot->Plan.Guests.Count), 0,
            new Span<PlannedRange>(memory->Ranges, MemoryPlanner.TableEntries), out MemoryPlan plan);
        if (failure.Status != PlanStatus.Ok)
            return PlanRefusal.Because(boot, failure);
        memory->RangeCount = plan.Ranges.Length;
        return Take(boot) && GiveToGuests(boot) && Report(boot);
    }

    /// <summary>Gives everything back that was taken, for a native boot.</summary>
    public static void ReleaseAll(BootContext* boot)
    {
        PlannedMemory* memory = &boot->Plan.Memory;
        for (int i = 0; i < boot->TakenRanges; i++)
        {
            if (memory->Ranges[i].Owner != OwnerKind.FirmwareHeap)
                Release(boot, memory->Ranges[i].Range);
        }

        boot->TakenRanges = 0;
    }

    private static void Release(BootContext* boot, MemoryRange range) =>
        boot->Firmware.Services->FreePages(range.Start, (nuint)(range.Length / PageSize.Small));

    private static bool Take(BootContext* boot)
    {
        PlannedMemory* memory = &boot->Plan.Memory;
        for (; boot->TakenRanges < memory->RangeCount; boot->TakenRanges++)
        {
            PlannedRange planned = memory->Ranges[boot->TakenRanges];
            if (planned.Owner == OwnerKind.FirmwareHeap)
                continue;

            // Loader code, because firmware that enforces no-execute lets only code types execute; no guest's map shows it.
            ulong address = planned.Range.Start;
            nuint pages = (nuint)(planned.Range.Length / PageSize.Small);
            if (boot->Firmware.Services->AllocatePages(AllocateType.Address, MemoryType.LoaderCode, pages, &address).IsError)
                return boot->Firmware.Refusal.Because("the firmware does not give memory that its map calls free"u8);
        }

        return true;
    }

    private static bool GiveToGuests(BootContext* boot)
    {
        for (int i = 0; i < boot->Plan.Guests.Count; i++)
        {
            GuestBoot* guest = boot->Plan.Guests.At(i);
            if (GuestBoot.Free(guest, boot->Plan.Memory.Plan) != AllocationStatus.Success)
                return boot->Firmware.Refusal.Because("a partition is in too many pieces"u8);
        }

        return true;
    }

    private static bool Report(BootContext* boot)
    {
        PlannedMemory* memory = &boot->Plan.Memory;
        var line = new LogLine("STEP memory"u8);
        line.Range("hypervisor"u8, memory->Plan.Hypervisor);
        LoadedImage* self = boot->Firmware.Interface<LoadedImage>(boot->Firmware.Image, LoadedImage.Protocol);
        line.Number("image"u8, self == null ? 0 : self->ImageSize);
        line.Number("reserved"u8, memory->Plan.Hypervisor.Length);
        line.Number("firmware"u8, memory->Plan.FirmwareBytes(memory->FirmwareDescriptors));
        line.Number("nvs"u8, AcpiMemorySize.Of(memory->FirmwareDescriptors).NvsBytes);
        line.WriteTo<Log>();
        for (int i = 0; i < boot->Plan.Guests.Count; i++)
        {
            line = new LogLine("INFO guest"u8);
            line.Number("index"u8, (ulong)i);
            line.Quoted("name"u8, boot->Plan.Guests.At(i)->NameText);
            line.Key("option"u8);
            line.HexDigits(boot->Plan.Guests.At(i)->BootOption, 4);
            line.Key("ranges"u8);
            memory->Plan.AppendRanges(ref line, i);
            line.WriteTo<Log>();
        }

        return true;
    }
}

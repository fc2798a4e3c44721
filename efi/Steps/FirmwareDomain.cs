using System;
using Switcher.Boot.Memory;
using Switcher.Boot.Partition;
using Switcher.Boot.Plan;
using Switcher.Boot.Text;
using Switcher.Efi.Cpu;
using Switcher.Efi.Firmware;
using Switcher.Efi.Guests;
using Switcher.Efi.Loader;
using Switcher.Efi.Services;
using Switcher.Efi.Uefi;
using Switcher.Hv.State;

namespace Switcher.Efi.Steps;

/// <summary>
/// What the firmware's domain does from the moment on that the first guest runs: it waits, frozen, for what a guest or the hypervisor wants
/// of it, and does that with the firmware's own services, which have never been told that boot services are over.
/// </summary>
internal static unsafe class FirmwareDomain
{
    /// <summary>Begins the run phase. Does not return.</summary>
    public static void Run(BootContext* boot)
    {
        boot->Controllers.Start(&boot->Firmware);
        EfiStatus status = EfiStatus.Success;
        var answer = FirmwareAnswer.Done;
        while (true)
        {
            switch (boot->Hypervisor.NextRequest(answer, status, out int guest))
            {
                case FirmwareRequest.Load:
                    LoadAgain(boot, boot->Plan.Guests.At(guest));
                    answer = FirmwareAnswer.Done;
                    break;
                default:
                    answer = ServiceCalls.Serve(&boot->Services, &boot->Firmware, boot->Plan.Guests.At(guest), out status);
                    break;
            }
        }
    }

    /// <summary>
    /// Loads a guest from its disk as at the boot, into a partition in which nothing is left. Whether it is parked then, the hypervisor
    /// knows.
    /// </summary>
    private static void LoadAgain(BootContext* boot, GuestBoot* guest)
    {
        Controllers.RestartTimer(&boot->Firmware);
        Instructions.Sti();
        boot->Controllers.Connect(&boot->Firmware);
        boot->Firmware.Refusal = default;
        if (guest->HasNewOptions)
            Configuration.ReadGuestOptions(boot, guest);
        bool isLoaded = Load(boot, guest);
        boot->Controllers.Disconnect(&boot->Firmware);
        if (isLoaded)
            return;
        var line = new LogLine("ERROR a guest cannot be loaded again"u8);
        line.Number("guest"u8, (ulong)guest->Index);
        line.Quoted("reason"u8, boot->Firmware.Refusal.Reason);
        line.WriteTo<Log>();
    }

    private static bool Load(BootContext* boot, GuestBoot* guest)
    {
        foreach (ref readonly PlannedRange planned in boot->Plan.Memory.Plan.Ranges)
        {
            if (planned.BelongsTo(guest->Index) || planned.Owner == OwnerKind.LowWindow)
                Clear(planned.Range);
        }

        return GuestBoot.Free(guest, boot->Plan.Memory.Plan) == AllocationStatus.Success
            && AcpiTables.CreateView(boot, guest)
            && GuestServices.Load(boot, guest);
    }

    /// <summary>
    /// By the processor's own string instruction: the firmware's SetMem() is a loop, which takes several times as long for gigabytes.
    /// </summary>
    private static void Clear(MemoryRange range)
    {
        const ulong MostOfASpan = PageSize.Huge;
        for (ulong at = range.Start; at < range.End; at += MostOfASpan)
        {
            // SAFETY: the guest's, and it is over.
            new Span<byte>((void*)at, (int)Math.Min(MostOfASpan, range.End - at)).Clear();
        }
    }
}

using System;
using Switcher.Boot.Plan;
using Switcher.Boot.Text;

namespace Switcher.Efi.Steps;

/// <summary>A failed memory plan in words.</summary>
internal static unsafe class PlanRefusal
{
    private const ulong Mebibyte = 1024 * 1024;

    /// <summary>Refuses to run because of a plan that could not be made.</summary>
    /// <returns>False.</returns>
    public static bool Because(BootContext* boot, PlanFailure failure)
    {
        var reason = new LogLine(TextOf(failure.Status));
        bool isOfGuest = failure.Status is PlanStatus.TooLittleMemory or PlanStatus.TooLittleLowMemory or PlanStatus.RequestTooSmall;
        if (isOfGuest && failure.Index >= 0 && failure.Index < boot->Plan.Guests.Count)
        {
            reason.Text(" for "u8);
            reason.Text(boot->Plan.Guests.At(failure.Index)->NameText);
        }

        if (IsInBytes(failure.Status))
        {
            reason.Text(" ("u8);
            reason.Decimal(failure.Available / Mebibyte);
            reason.Text(" MiB, needed "u8);
            reason.Decimal((failure.Needed + Mebibyte - 1) / Mebibyte);
            reason.Text(" MiB)"u8);
        }

        return boot->Firmware.Refusal.Because(ref reason);
    }

    private static bool IsInBytes(PlanStatus status) => status is PlanStatus.NoLowWindow or PlanStatus.NoRoomForHypervisor
        or PlanStatus.NoRoomForFirmware or PlanStatus.TooLittleMemory or PlanStatus.TooLittleLowMemory or PlanStatus.RequestTooSmall
        or PlanStatus.RequestsTooLarge;

    private static ReadOnlySpan<byte> TextOf(PlanStatus status) => status switch
    {
        PlanStatus.GuestCount => "two to sixteen systems are needed"u8,
        PlanStatus.NoLowWindow => "no free memory below 640 KiB"u8,
        PlanStatus.NoRoomForHypervisor => "too little memory for the hypervisor"u8,
        PlanStatus.NoRoomForFirmware => "too little memory for the firmware"u8,
        PlanStatus.TooLittleMemory => "too little memory"u8,
        PlanStatus.TooLittleLowMemory => "too little memory below 4 GiB"u8,
        PlanStatus.RequestTooSmall => "too little memory is asked for"u8,
        PlanStatus.RequestsTooLarge => "more memory is asked for than there is"u8,
        _ => "the firmware's memory map makes no sense"u8,
    };
}

using System;
using Switcher.Boot.Plan;
using Switcher.Boot.Text;

namespace Switcher.Boot.Verdict;

/// <summary>Judges a machine by the plan that <see cref="MemoryPlanner"/> makes of its memory, or cannot make.</summary>
public static class MemoryVerdict
{
    private const ulong Mebibyte = 1024 * 1024;

    /// <summary>Puts a failed plan into words.</summary>
    /// <param name="failure">What the planner returned; nothing is said of a plan that was made.</param>
    /// <param name="name">The name of the guest that the failure is about, if it is about one.</param>
    /// <param name="findings">Told of it.</param>
    public static void Judge<TFindings>(in PlanFailure failure, scoped ReadOnlySpan<byte> name, ref TFindings findings)
        where TFindings : struct, IFindings
    {
        if (failure.Status == PlanStatus.Ok)
            return;
        var reason = new LogLine(TextOf(failure.Status));
        bool isOfGuest = failure.Status is PlanStatus.TooLittleMemory or PlanStatus.TooLittleLowMemory or PlanStatus.RequestTooSmall;
        if (isOfGuest && failure.Index >= 0)
        {
            reason.Text(" for "u8);
            reason.Text(name);
        }

        if (failure.Status is >= PlanStatus.NoLowWindow and <= PlanStatus.RequestsTooLarge)
        {
            reason.Text(" ("u8);
            reason.Decimal(failure.Available / Mebibyte);
            reason.Text(" MiB, needed "u8);
            reason.Decimal((failure.Needed + Mebibyte - 1) / Mebibyte);
            reason.Text(" MiB)"u8);
        }

        findings.Add(Severity.Refused, reason.Written);
    }

    private static ReadOnlySpan<byte> TextOf(PlanStatus status) => status switch
    {
        PlanStatus.GuestCount => "two to sixteen systems are needed"u8,
        PlanStatus.NoLowWindow => "no free memory below 640 KiB"u8,
        PlanStatus.NoRoomForHypervisor => "too little memory for the hypervisor"u8,
        PlanStatus.NoRoomForFirmware => "too little memory for the firmware"u8,
        PlanStatus.TooLittleMemory => "too little memory"u8,
        PlanStatus.TooLittleLowMemory => "too little memory below 4 GiB"u8,
        PlanStatus.RequestTooSmall => "too little memory is requested"u8,
        PlanStatus.RequestsTooLarge => "more memory is asked for than there is"u8,
        _ => "the firmware's memory map makes no sense"u8,
    };
}

using System;
using Switcher.Boot.Plan;
using Switcher.Boot.Verdict;
using Switcher.Efi.Firmware;

namespace Switcher.Efi.Steps;

/// <summary>A failed memory plan in words.</summary>
internal static unsafe class PlanRefusal
{
    /// <summary>Refuses to run because of a plan that could not be made.</summary>
    /// <returns>False.</returns>
    public static bool Because(BootContext* boot, PlanFailure failure)
    {
        bool isOfGuest = failure.Index >= 0 && failure.Index < boot->Plan.Guests.Count;
        ReadOnlySpan<byte> name = isOfGuest ? boot->Plan.Guests.At(failure.Index)->NameText : default;
        var findings = new BootFindings(&boot->Firmware);
        MemoryVerdict.Judge(failure, name, ref findings);
        return false;
    }
}

using Switcher.Tests.Guest.Acpi;

namespace Switcher.Tests.Guest.Sleep;

/// <summary>The guest's FACS, which it writes to: ACPI 6.5, 5.2.10.</summary>
internal static unsafe class Facs
{
    /// <summary>Sets the real-mode vector and clears the other.</summary>
    public static void SetWakingVector(uint vector)
    {
        *(uint*)(Tables.Facs + Switcher.Acpi.Facs.FirmwareWakingVectorOffset) = vector;
        if (*(uint*)(Tables.Facs + Switcher.Acpi.Facs.LengthOffset) >= Switcher.Acpi.Facs.XFirmwareWakingVectorOffset + sizeof(ulong))
            *(ulong*)(Tables.Facs + Switcher.Acpi.Facs.XFirmwareWakingVectorOffset) = 0;
    }
}

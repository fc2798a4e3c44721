using Switcher.Efi.Uefi;

namespace Switcher.Tests.Loader.Firmware;

/// <summary>The firmware's clock, its alarm and its counter: UEFI 2.10, 8.3 "Time Services".</summary>
internal sealed class Clock
{
    public Time Now { get; set; } = new() { Year = 2026, Month = 2, Day = 28, Hour = 23, Minute = 59, Second = 58 };

    public Time Alarm { get; set; }

    public bool IsAlarmSet { get; set; }

    /// <summary>The device does not answer.</summary>
    public bool IsBroken { get; set; }

    /// <summary>Calls that came to it.</summary>
    public int Calls { get; set; }

    public uint HighCount { get; set; } = 7;
}

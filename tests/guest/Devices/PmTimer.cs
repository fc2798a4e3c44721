using Switcher.Efi.Cpu;

namespace Switcher.Tests.Guest.Devices;

/// <summary>The power management timer, the guest's only clock: ACPI 6.5, 4.8.2.1 "Power Management Timer", 3.579545 MHz.</summary>
internal static class PmTimer
{
    public const uint TicksPerMillisecond = 3580;

    // The timer has 24 or 32 bits.
    private const uint Mask = 0xFF_FFFF;

    public static uint Read() => Instructions.In32(Acpi.Tables.PmTimerPort) & Mask;

    /// <summary>Ticks since an earlier reading, less than 4.6 s ago.</summary>
    public static uint Since(uint start) => (Read() - start) & Mask;

    /// <summary>Waits for milliseconds.</summary>
    public static void Wait(uint milliseconds)
    {
        Deadline deadline = Deadline.After(milliseconds);
        while (!deadline.IsOver())
            Instructions.Pause();
    }
}

/// <summary>A moment to come. It must be looked at every few seconds, since the timer is short.</summary>
internal struct Deadline
{
    private ulong _left;
    private uint _last;

    public static Deadline After(uint milliseconds) => new()
    {
        _left = (ulong)milliseconds * PmTimer.TicksPerMillisecond,
        _last = PmTimer.Read(),
    };

    public bool IsOver()
    {
        uint passed = PmTimer.Since(_last);
        _last += passed;
        _left -= passed < _left ? passed : _left;
        Instructions.Pause();
        return _left == 0;
    }
}

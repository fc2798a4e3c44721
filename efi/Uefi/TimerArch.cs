using System;

namespace Switcher.Efi.Uefi;

/// <summary>EFI_TIMER_ARCH_PROTOCOL: PI 1.8, volume 2, 12.9 "Timer Architectural Protocol". Periods are in units of 100 ns.</summary>
public unsafe struct TimerArch
{
    public void* RegisterHandler;
    public delegate* unmanaged<TimerArch*, ulong, EfiStatus> SetTimerPeriod;
    public delegate* unmanaged<TimerArch*, ulong*, EfiStatus> GetTimerPeriod;
    public void* GenerateSoftInterrupt;

    public static Guid Protocol => new(0x26baccb3, 0x6f42, 0x11d4, 0xbc, 0xe7, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81);
}

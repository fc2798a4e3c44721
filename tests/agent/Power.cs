using System;
using Switcher.Agent.Linux;

namespace Switcher.Agent;

/// <summary>Suspends, switches off, restarts and crashes the guest.</summary>
internal static class Power
{
    private const uint RestartCommand = 0x0123_4567;
    private const uint PowerOffCommand = 0x4321_FEDC;

    /// <summary>Chooses suspend to RAM (ACPI S3) among the kernel's kinds of sleep.</summary>
    /// <returns>Whether the kernel offers it.</returns>
    public static bool ChooseDeepSleep()
    {
        Span<byte> buffer = stackalloc byte[128];
        TextFile.Write("/sys/power/mem_sleep\0"u8, "deep\n"u8);
        return Words.Find(TextFile.Read("/sys/power/mem_sleep\0"u8, buffer), "[deep]"u8) >= 0;
    }

    /// <summary>Sleeps; returns after the system woke up.</summary>
    /// <returns>0, or a negative error number if the system did not sleep.</returns>
    public static long Suspend() => TextFile.Write("/sys/power/state\0"u8, "mem\n"u8);

    /// <summary>Shuts down; does not return.</summary>
    public static long Off()
    {
        Kernel.FlushAll();
        return Kernel.Reboot(PowerOffCommand);
    }

    /// <summary>Restarts; does not return.</summary>
    /// <param name="kind">As /sys/kernel/reboot/type takes it: acpi, kbd, triple, efi, pci; empty for the kernel's own choice.</param>
    /// <returns>A negative error number if that kind does not exist.</returns>
    public static long Restart(ReadOnlySpan<byte> kind)
    {
        if (kind.Length > 0)
        {
            long result = TextFile.Write("/sys/kernel/reboot/type\0"u8, kind);
            if (result < 0)
                return result;
        }

        Kernel.FlushAll();
        return Kernel.Reboot(RestartCommand);
    }

    /// <summary>Makes the kernel panic.</summary>
    public static long Crash() => TextFile.Write("/proc/sysrq-trigger\0"u8, "c\n"u8);
}

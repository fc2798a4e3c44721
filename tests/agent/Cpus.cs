using System;
using Switcher.Agent.Linux;

namespace Switcher.Agent;

/// <summary>The guest's CPUs.</summary>
internal static unsafe class Cpus
{
    /// <summary>"SWPR": the CPUID leaf that only the hypervisor knows. It notes who asked, and the value in ECX.</summary>
    private const uint ProbeLeaf = 0x5357_5052;

    /// <summary>How many CPUs are online.</summary>
    public static int Online()
    {
        int count = 0;
        for (int cpu = Next(-1); cpu >= 0; cpu = Next(cpu))
            count++;
        return count;
    }

    /// <summary>Executes the hypervisor's CPUID leaf on every CPU that is online.</summary>
    /// <returns>On how many CPUs it was executed.</returns>
    public static int Probe(uint value)
    {
        int count = 0;
        uint* registers = stackalloc uint[4];
        for (int cpu = Next(-1); cpu >= 0; cpu = Next(cpu))
        {
            if (Kernel.RunOn(cpu) < 0)
                continue;
            Stubs.Cpuid(ProbeLeaf, value, registers);
            count++;
        }

        Kernel.RunAnywhere();
        return count;
    }

    /// <summary>The online CPU that follows another, or -1. The kernel lists them as "0-3,5".</summary>
    public static int Next(int after)
    {
        byte* storage = stackalloc byte[256];
        ReadOnlySpan<byte> list = TextFile.Read("/sys/devices/system/cpu/online\0"u8, new Span<byte>(storage, 256));
        int low = 0;
        int number = 0;
        bool inRange = false;
        for (int i = 0; i <= list.Length; i++)
        {
            byte character = i < list.Length ? list[i] : (byte)'\n';
            if (character >= '0' && character <= '9')
            {
                number = (number * 10) + character - '0';
                continue;
            }

            if (character == '-')
            {
                low = number;
                inRange = true;
                number = 0;
                continue;
            }

            low = inRange ? low : number;
            if (number > after)
                return low > after ? low : after + 1;
            inRange = false;
            number = 0;
            if (character == '\n')
                break;
        }

        return -1;
    }

    /// <summary>
    /// Hundredths of seconds that the CPUs have waited for something to do, since the system started: "idle" in proc_stat(5).
    /// </summary>
    public static ulong Idle()
    {
        const int TimesBefore = 3;
        Span<byte> storage = stackalloc byte[256];
        var words = new Words(TextFile.Read("/proc/stat\0"u8, storage));
        words.Next();
        for (int i = 0; i < TimesBefore; i++)
            words.Next();
        return words.TryNextNumber(out ulong idle) ? idle : 0;
    }
}

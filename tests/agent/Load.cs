using System;
using Switcher.Agent.Linux;

namespace Switcher.Agent;

/// <summary>Keeps the guest busy for a time, to see what that costs under the hypervisor.</summary>
internal static unsafe class Load
{
    private const ulong WorkingSet = 16 << 20;

    /// <summary>Runs a load on every CPU at once (the disk's on one) and waits for its end.</summary>
    /// <param name="kind">cpu, memory, timer or disk.</param>
    /// <returns>Whether there is such a kind.</returns>
    public static bool Run(ReadOnlySpan<byte> kind, ulong seed, ulong seconds)
    {
        bool memory = Words.Same(kind, "memory"u8);
        bool timer = Words.Same(kind, "timer"u8);
        bool disk = Words.Same(kind, "disk"u8);
        if (!memory && !timer && !disk && !Words.Same(kind, "cpu"u8))
            return false;
        long until = Kernel.Seconds() + (long)seconds;
        if (disk)
        {
            Files.Exercise(seed, until);
            return true;
        }

        int copies = 0;
        for (int cpu = Cpus.Next(-1); cpu >= 0; cpu = Cpus.Next(cpu))
        {
            long copy = Kernel.Fork();
            if (copy == 0)
            {
                Kernel.RunOn(cpu);
                if (memory)
                    StreamMemory(until);
                else if (timer)
                    SleepOften(until);
                else
                    Compute(until);
                Kernel.Exit(0);
            }

            if (copy > 0)
                copies++;
        }

        for (; copies > 0; copies--)
            Kernel.Wait(out int _);
        return true;
    }

    private static void Compute(long until)
    {
        ulong value = 1;
        while (Kernel.Seconds() < until)
        {
            for (int i = 0; i < 1_000_000; i++)
                value = (value * 6364136223846793005) + 1442695040888963407;
            if (value == 0)
                value = 1;
        }
    }

    /// <summary>Each of these sleeps ends with an interrupt of the CPU's own timer.</summary>
    private static void SleepOften(long until)
    {
        while (Kernel.Seconds() < until)
            Kernel.Sleep(100_000);
    }

    /// <summary>Writes and frees fresh pages, so that page faults are part of it.</summary>
    private static void StreamMemory(long until)
    {
        while (Kernel.Seconds() < until)
        {
            long address = Kernel.Allocate(WorkingSet);
            if (address < 0)
                return;
            ulong* words = (ulong*)address;
            for (ulong i = 0; i < WorkingSet / 8; i += 8)
                words[i] = i;
            Kernel.Unmap(address, WorkingSet);
        }
    }
}

using Switcher.Tests.Guest.Acpi;
using Switcher.Tests.Guest.Cpus;
using Switcher.Tests.Guest.Devices;

namespace Switcher.Tests.Guest.Sleep;

/// <summary>
/// Leaves everything running that could disturb somebody else: timers, interrupts on their way, processors that work, bus mastering.
/// </summary>
internal static unsafe class Mess
{
    public static void Make()
    {
        for (int i = 1; i < Processors.Count; i++)
            Processors.Post(Processors.At(i), &Spin, 0);
        LocalApic.StartTimer();
        Pit.Start();
        IoApic.Route(Tables.PitInput, Interrupts.PitVector, Processors.At(Processors.Count - 1)->ApicId);
        LocalApic.Send(0, LocalApic.Fixed | LocalApic.Self | Interrupts.CallVector);
        PmTimer.Wait(2);

        // Like Linux, which disables its APIC with interrupts pending: it keeps them.
        LocalApic.Disable();
    }

    /// <summary>Works with its timer on, its interrupts disabled: so that one is always pending.</summary>
    private static ulong Spin(Cpu* cpu, ulong ignored)
    {
        LocalApic.StartTimer();
        while (true)
            Efi.Cpu.Instructions.Pause();
    }
}

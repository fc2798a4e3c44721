using Switcher.Boot.Text;
using Switcher.Efi.Cpu;
using Switcher.Tests.Guest.Acpi;
using Switcher.Tests.Guest.Cpus;
using Switcher.Tests.Guest.Devices;
using Switcher.Tests.Guest.Services;

namespace Switcher.Tests.Guest;

/// <summary>What a guest does after every start, first or from a sleep.</summary>
internal static unsafe class Machine
{
    /// <summary>
    /// A CPUID leaf that the hypervisor logs, with the sub-leaf: so the log shows on which CPUs it is underneath. No CPU has it.
    /// </summary>
    private const uint ProbeLeaf = 0x5357_5052;

    /// <summary>Interrupts that must come of each kind.</summary>
    private const uint EnoughTicks = 3;

    private const uint Patience = 20_000;

    /// <summary>A guest that starts again does not count from the beginning.</summary>
    private const uint ProbesOfAStart = 1000;

    private static uint s_probes;

    /// <summary>Brings the boot processor's interrupts up, with nothing connected yet.</summary>
    public static void EnableInterrupts()
    {
        Pic.Silence();
        LocalApic.Enable();
    }

    /// <summary>
    /// Every CPU executes CPUID with the probe leaf: the value's high half is the number of the probe, its low half the CPU's.
    /// </summary>
    public static void Probe()
    {
        s_probes++;
        uint number = s_probes + (ProbesOfAStart * Restarts.Count);
        LogLine line = Report.Begin("probe"u8);
        line.Number("n"u8, number);
        line.Number("cpus"u8, (ulong)Processors.Count);
        line.WriteTo<DebugPort>();
        for (int i = 0; i < Processors.Count; i++)
            Processors.Run(Processors.At(i), &Probe, ((ulong)number << 16) | (uint)i);
    }

    /// <summary>
    /// Local timers on every processor, the PIT through the I/O APIC: each must interrupt, and nothing else may that somebody else has set
    /// up.
    /// </summary>
    public static void CheckInterrupts()
    {
        for (int i = 0; i < Processors.Count; i++)
        {
            bool isComing = Processors.Run(Processors.At(i), &AwaitTimer, 0) != 0;
            Report.Expect(isComing, "the local timer of a processor does not interrupt"u8, (ulong)i);
        }

        Cpu* boot = Processors.Boot;
        uint ticks = boot->PitTicks;
        Pit.Start();
        IoApic.Route(Tables.PitInput, Interrupts.PitVector, boot->ApicId);
        Deadline deadline = Deadline.After(Patience);
        Instructions.Sti();
        while (boot->PitTicks - ticks < EnoughTicks && !deadline.IsOver())
            Instructions.Pause();
        Instructions.Cli();
        Pit.Stop();
        IoApic.Mask(Tables.PitInput);
        Report.Expect(boot->PitTicks - ticks >= EnoughTicks, "the PIT does not interrupt"u8, boot->PitTicks - ticks);
        CheckStrangers();
    }

    /// <summary>Reports interrupts that the guest never asked for.</summary>
    public static void CheckStrangers()
    {
        for (int i = 0; i < Processors.Count; i++)
        {
            Cpu* cpu = Processors.At(i);
            if (cpu->Strangers == 0)
                continue;
            LogLine line = Report.BeginBad("interrupts came that nobody here asked for"u8);
            line.Number("cpu"u8, (ulong)i);
            line.Number("count"u8, cpu->Strangers);
            line.Hex("vector"u8, cpu->StrangeVector);
            line.WriteTo<DebugPort>();
            cpu->Strangers = 0;
        }
    }

    private static ulong AwaitTimer(Cpu* cpu, ulong ignored)
    {
        uint ticks = cpu->TimerTicks;
        LocalApic.StartTimer();
        Deadline deadline = Deadline.After(Patience);
        Instructions.Sti();
        while (System.Threading.Volatile.Read(ref cpu->TimerTicks) - ticks < EnoughTicks && !deadline.IsOver())
            Instructions.Pause();
        Instructions.Cli();
        LocalApic.StopTimer();
        return cpu->TimerTicks - ticks >= EnoughTicks ? 1u : 0;
    }

    private static ulong Probe(Cpu* cpu, ulong value) => Features.Cpuid(ProbeLeaf, (uint)value, 0);
}

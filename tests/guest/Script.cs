using System;
using Switcher.Agent;
using Switcher.Boot.Text;
using Switcher.Tests.Guest.Cpus;
using Switcher.Tests.Guest.Devices;
using Switcher.Tests.Guest.Misbehaviour;
using Switcher.Tests.Guest.Services;
using Switcher.Tests.Guest.Sleep;

namespace Switcher.Tests.Guest;

/// <summary>Carries out the steps of the script, each with a line about its result, and ends with the verdict.</summary>
internal static unsafe class Script
{
    public static void Run()
    {
        ulong rounds = Options.Number("rounds"u8, 1);
        for (ulong i = 0; i < rounds; i++)
        {
            ReadOnlySpan<byte> steps = Options.Value("script"u8);
            while (!steps.IsEmpty)
                RunStep(Arguments.TakeUntil(ref steps, (byte)','));
        }

        LogLine line = Report.Begin("done"u8);
        line.Word("result"u8, Report.BadCount == 0 ? "ok"u8 : "bad"u8);
        line.WriteTo<DebugPort>();
        ReadOnlySpan<byte> end = Options.Value("end"u8);
        RunStep(end.IsEmpty ? "shutdown"u8 : end);
    }

    /// <summary>Carries out one step.</summary>
    /// <param name="step">NAME or NAME:ARGUMENT:...</param>
    public static void RunStep(ReadOnlySpan<byte> step)
    {
        int bad = Report.BadCount;
        ReadOnlySpan<byte> rest = step;
        ReadOnlySpan<byte> name = Arguments.TakeUntil(ref rest, (byte)':');
        var arguments = new Arguments(rest);
        if (!TryRunOrdinary(name, arguments) && !Hostile.TryRun(name, arguments) && !Endings.TryRun(name, arguments))
            Report.Bad("the script has a step that does not exist"u8);
        var line = new LogLine("GUEST"u8);
        line.Word("step"u8, step);
        line.Word("guest"u8, Options.Name);
        line.Word("result"u8, Report.BadCount == bad ? "ok"u8 : "bad"u8);
        line.WriteTo<DebugPort>();
    }

    private static bool TryRunOrdinary(ReadOnlySpan<byte> name, Arguments arguments)
    {
        if (Words.Same(name, "suspend"u8))
            RunSuspend(arguments);
        else if (Words.Same(name, "check"u8))
            OwnMemory.Check();
        else if (Words.Same(name, "probe"u8))
            Machine.Probe();
        else if (Words.Same(name, "interrupts"u8))
            Machine.CheckInterrupts();
        else if (Words.Same(name, "disk"u8))
            ReadDisk();
        else if (Words.Same(name, "restart"u8))
            RestartProcessors();
        else if (Words.Same(name, "x2apic"u8))
            X2Apic.Enable();
        else if (Words.Same(name, "acpi-mode"u8))
            AcpiMode.Switch();
        else if (Words.Same(name, "services"u8))
            RunServices();
        else if (Words.Same(name, "lost-services"u8))
            RuntimeCalls.ExpectNone();
        else if (Words.Same(name, "set-variable"u8))
            SharedVariables.Set(arguments);
        else if (Words.Same(name, "show-variable"u8))
            SharedVariables.Show(arguments);
        else if (Words.Same(name, "listen"u8))
            Listener.Run();
        else
            return false;
        return true;
    }

    private static void RunServices()
    {
        RuntimeCalls.Run();
        OwnVariables.Run();
    }

    private static void RunSuspend(Arguments arguments)
    {
        if (SleepRequest.TryParse(arguments, out SleepRequest request))
            Suspend.Run(request);
        else
            Report.Bad("an unknown way to suspend"u8);
    }

    /// <summary>DMA to memory that otherwise carries the pattern.</summary>
    private static void ReadDisk()
    {
        ulong page = OwnMemory.AnyPage();
        Report.Expect(Disk.TryReadHeader(page), "the disk's partition table cannot be read by DMA"u8, *(ulong*)page);
        OwnMemory.Restore(page);
    }

    /// <summary>All other processors, by interrupts to everybody.</summary>
    private static void RestartProcessors()
    {
        Processors.StartAllAtOnce();
        Machine.Probe();
    }
}

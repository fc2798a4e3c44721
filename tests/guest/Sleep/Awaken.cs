using Switcher.Boot.Text;
using Switcher.Tests.Guest.Cpus;
using Switcher.Tests.Guest.Devices;
using Switcher.Tests.Stubs.Shared;

namespace Switcher.Tests.Guest.Sleep;

/// <summary>
/// The way back from S3, and all that the guest looks at on it: first everything as it is found, then everything as it must work again.
/// </summary>
internal static unsafe class Awaken
{
    public static void Run(ref FoundState found, uint vector, SleepRequest request)
    {
        int bad = Report.BadCount;
        ushort status = PowerRegisters.ReadStatus();
        FoundApic apic = FoundApic.Take();

        fixed (FoundState* state = &found)
            StateChecks.CheckWoken(state, vector);
        Rtc.StopAlarm();
        CheckWakeStatus(status);
        CheckApic(apic);
        CheckChipset();
        CheckSecrets(Processors.Boot);
        Pci.RestoreAfterWake();

        Processors.ForgetAll();
        Machine.EnableInterrupts();
        Processors.StartAll();
        for (int i = 0; i < Processors.Count; i++)
        {
            if (i != 0)
                CheckSecrets(Processors.At(i));
            if (Options.IsStateStrict)
                MachineRegisters.Check(Processors.At(i));
        }

        Machine.Probe();
        ulong wrong = request.IsQuick ? 0 : OwnMemory.Check();
        Machine.CheckInterrupts();

        LogLine line = Report.Begin("awake"u8);
        line.Number("n"u8, Suspend.Wakes);
        line.Word("memory"u8, request.IsQuick ? "skipped"u8 : wrong == 0 ? "ok"u8 : "bad"u8);
        line.Hex("pm1"u8, status);
        line.Number("cpus"u8, (ulong)Processors.Count);
        line.Word("result"u8, Report.BadCount == bad ? "ok"u8 : "bad"u8);
        line.WriteTo<DebugPort>();
    }

    /// <summary>ACPI 6.5, 4.8.3.1.1: WAK_STS says that the system slept, and clears by writing a one.</summary>
    private static void CheckWakeStatus(ushort status)
    {
        Report.Expect((status & PowerRegisters.WakeStatus) != 0, "WAK_STS is not set after a wake"u8, status);
        PowerRegisters.ClearStatus(status);
        ushort cleared = PowerRegisters.ReadStatus();
        const ushort shown = PowerRegisters.WakeStatus | PowerRegisters.PowerButton | PowerRegisters.RtcAlarm;
        Report.Expect((cleared & shown) == 0, "PM1_STS does not clear"u8, cleared);
    }

    private static void CheckApic(FoundApic apic)
    {
        if (Options.IsStateStrict)
            apic.Check();
    }

    private static void CheckChipset()
    {
        if (!Options.IsStateStrict)
            return;
        Report.ExpectEqual("I/O APIC: inputs that are not masked"u8, IoApic.CountUnmasked(), 0);
        Report.ExpectEqual("PIC: interrupts in service"u8, Pic.InService, 0);
        Report.ExpectEqual("PIC: masks"u8, Pic.Masks, 0xFFFF);
    }

    private static void CheckSecrets(Cpu* cpu)
    {
        ulong found = Processors.Run(cpu, &Secrets.Find, 0);
        if (found == 0)
            return;
        LogLine line = Report.BeginBad("a register holds what nobody here has written since the wake"u8);
        line.Number("cpu"u8, cpu->Index);
        line.Hex("register"u8, found);
        line.WriteTo<DebugPort>();
    }
}

using Switcher.Efi.Cpu;

namespace Switcher.Tests.Guest.Cpus;

/// <summary>Turns all processors' local APICs to x2APIC mode: SDM vol. 3, 11.12.5 "x2APIC State Transitions".</summary>
internal static unsafe class X2Apic
{
    /// <summary>Where the processors have it; otherwise nothing happens.</summary>
    public static void Enable()
    {
        if (!Features.HasX2Apic)
        {
            Report.Say("no-x2apic"u8);
            return;
        }

        for (int i = 0; i < Processors.Count; i++)
            Processors.Run(Processors.At(i), &Switch, 0);
        Report.Expect(LocalApic.IsX2Apic, "x2APIC mode does not come on"u8, Instructions.ReadMsr(LocalApic.BaseMsr));
        Report.ExpectEqual("x2APIC: ID"u8, LocalApic.OwnId, Processors.Boot->ApicId);
        Machine.Probe();
        Machine.CheckInterrupts();
    }

    private static ulong Switch(Cpu* cpu, ulong ignored)
    {
        ulong value = Instructions.ReadMsr(LocalApic.BaseMsr);
        Instructions.WriteMsr(LocalApic.BaseMsr, value | LocalApic.BaseEnable | LocalApic.BaseX2Apic);
        return 0;
    }
}

using Switcher.Efi.Cpu;
using Switcher.Tests.Guest.Cpus;

namespace Switcher.Tests.Guest.Misbehaviour;

/// <summary>
/// Moves the local APIC's registers: onto another page, onto the guest's own memory. A processor may refuse that; wherever it then says
/// that the registers are, they must be and work.
/// </summary>
internal static unsafe class ApicBase
{
    private const ulong AddressMask = 0xF_FFFF_FFFF_F000;
    private const ulong AnotherPage = 0xFED0_8000;
    private const ulong Reserved = 1;

    public static void Try()
    {
        for (int i = 0; i < Processors.Count; i++)
            Processors.Run(Processors.At(i), &TryAll, OwnMemory.AnyPage());
    }

    private static ulong TryAll(Cpu* cpu, ulong page)
    {
        ulong present = Instructions.ReadMsr(LocalApic.BaseMsr);
        ulong* values = stackalloc ulong[]
        {
            (present & ~AddressMask) | AnotherPage, (present & ~AddressMask) | page, present | Reserved, present | (1UL << 63),
        };
        for (int i = 0; i < 4; i++)
        {
            Outcome outcome = Attempt.WriteMsr(LocalApic.BaseMsr, values[i]);
            ulong now = Instructions.ReadMsr(LocalApic.BaseMsr);
            bool isSettled = outcome.IsDone ? now == values[i] || now == present : now == present;
            Report.Expect(isSettled, "APIC base: neither old nor new"u8, now);
            Report.ExpectEqual("APIC base: the registers are not there"u8, LocalApic.OwnId, cpu->ApicId);
            Instructions.WriteMsr(LocalApic.BaseMsr, present);
        }

        OwnMemory.Restore(page);
        return 0;
    }
}

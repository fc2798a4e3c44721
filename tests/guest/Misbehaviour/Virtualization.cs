using Switcher.Boot.Text;
using Switcher.Tests.Guest.Cpus;

namespace Switcher.Tests.Guest.Misbehaviour;

/// <summary>
/// Instructions of virtualization extensions, which the guest's processor does not have: invalid opcodes, whatever their operands are
/// (SDM vol. 3, 24.6 "Discovering Support for VMX"; APM vol. 2, 15.4 "Enabling SVM").
/// </summary>
internal static unsafe class Virtualization
{
    public static void Try()
    {
        for (int i = 0; i < Processors.Count; i++)
            Processors.Run(Processors.At(i), &TryAll, OwnMemory.AnyPage());
    }

    private static ulong TryAll(Cpu* cpu, ulong page)
    {
        for (GuestInstruction instruction = GuestInstruction.Vmrun; instruction <= GuestInstruction.Getsec; instruction++)
            Expect(instruction, page);

        // Hypercalls with numbers that mean something to some hypervisor: none, KVM's, Xen's, Hyper-V's, and Switcher's own of its boot
        // phase.
        ulong* numbers = stackalloc ulong[] { 0, 1, 0x4000_0000, 0x11, 0x5357_0001, 0x5357_0002, 0x5357_0003, 0x5357_0004, ulong.MaxValue };
        for (int i = 0; i < 9; i++)
        {
            Expect(GuestInstruction.Vmmcall, numbers[i]);
            Expect(GuestInstruction.Vmcall, numbers[i]);
        }

        return 0;
    }

    private static void Expect(GuestInstruction instruction, ulong operand)
    {
        Outcome outcome = Attempt.Execute(instruction, operand);
        if (outcome.IsInvalidOpcode)
            return;
        LogLine line = Report.BeginBad("a virtualization instruction is not an invalid opcode"u8);
        line.Number("instruction"u8, (ulong)instruction);
        line.Hex("operand"u8, operand);
        line.Number("vector"u8, outcome.Vector);
        line.WriteTo<DebugPort>();
    }
}

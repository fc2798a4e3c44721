using System.Collections.Generic;
using Iced.Intel;

namespace Switcher.Tests.Efi;

/// <summary>
/// Follows RSP modulo 16 through a stub. Microsoft x64 calling convention, "Stack allocation": a multiple of 16 at each CALL of C#, so 8
/// more at entry. A value loaded into RSP counts as the top of a stack, which is a multiple of 16.
/// </summary>
internal static class StackAlignment
{
    public static IEnumerable<string> Faults(StubFunction function)
    {
        var atTargets = new Dictionary<ulong, int>();
        int? misalignment = 8;
        foreach (Instruction instruction in function.Instructions)
        {
            if (atTargets.TryGetValue(instruction.IP, out int known))
            {
                if (misalignment is int reached && reached != known)
                    yield return $"{function.Name}: two paths meet at {instruction} with different stacks";
                misalignment = known;
            }

            if (instruction.Mnemonic == Mnemonic.Call && misalignment != 0 && function.RefersOutside(instruction))
                yield return $"{function.Name}: {instruction} with RSP off by {misalignment?.ToString() ?? "an unknown amount"}";

            misalignment = After(instruction, misalignment);
            if (instruction.FlowControl is FlowControl.ConditionalBranch or FlowControl.UnconditionalBranch && misalignment is int here)
                atTargets.TryAdd(instruction.NearBranchTarget, here);
            if (instruction.FlowControl is FlowControl.UnconditionalBranch or FlowControl.IndirectBranch or FlowControl.Return)
                misalignment = null;
        }
    }

    private static int? After(Instruction instruction, int? misalignment)
    {
        if (instruction.Op0Kind == OpKind.Register && instruction.Op0Register == Register.RSP)
        {
            switch (instruction.Mnemonic)
            {
                case Mnemonic.And when instruction.GetImmediate(1) % 16 == 0:
                case Mnemonic.Mov:
                    return 0;
                case Mnemonic.Lea when instruction.MemoryBase != Register.RSP:
                    return 0;
            }
        }

        return misalignment is int before && instruction.IsStackInstruction && instruction.FlowControl == FlowControl.Next
            ? Wrap(before + instruction.StackPointerIncrement)
            : misalignment is int value && instruction.Op0Register == Register.RSP
                ? Wrap(value + Adjustment(instruction))
                : misalignment;
    }

    private static int Adjustment(Instruction instruction) => instruction.Mnemonic switch
    {
        Mnemonic.Add => (int)instruction.GetImmediate(1),
        Mnemonic.Sub => -(int)instruction.GetImmediate(1),
        Mnemonic.Lea => (int)instruction.MemoryDisplacement64,
        _ => 0,
    };

    private static int Wrap(int value) => value & 15;
}

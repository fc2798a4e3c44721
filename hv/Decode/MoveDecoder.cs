namespace Switcher.Hv.Decode;

/// <summary>Tells the ordinary stores from everything else.</summary>
internal static class MoveDecoder
{
    public static void Classify(
        byte opcode, in ModRm modRm, in Prefixes prefixes, int operandBytes, ulong immediate, ref DecodedInstruction instruction)
    {
        // In all of these opcodes the lowest bit tells bytes from words.
        int size = (opcode & 1) == 0 ? 1 : operandBytes;
        switch (opcode)
        {
            case 0xA2 or 0xA3:
                SetAccumulator(InstructionKind.Store, size, ref instruction);
                return;
            case 0xA4 or 0xA5:
                SetAccumulator(InstructionKind.StringMove, size, ref instruction);
                instruction.IsRepeated = prefixes.Repeat != 0;
                return;
            case 0xAA or 0xAB:
                SetAccumulator(InstructionKind.StringStore, size, ref instruction);
                instruction.IsRepeated = prefixes.Repeat != 0;
                return;
            default:
                break;
        }

        if (!modRm.IsMemory)
            return;

        switch (opcode)
        {
            case < 0x38 when (opcode & 7) < 2:
                SetRegister(InstructionKind.ReadModifyWrite, size, modRm, prefixes, ref instruction);
                instruction.Operation = (Operation)(opcode >> 3);
                return;
            case 0x80 or 0x81 or 0x82 or 0x83 when modRm.Reg != (int)Operation.Compare:
                SetImmediate(InstructionKind.ReadModifyWrite, size, immediate, ref instruction);
                instruction.Operation = (Operation)modRm.Reg;
                return;
            case 0x86 or 0x87:
                SetRegister(InstructionKind.Exchange, size, modRm, prefixes, ref instruction);
                return;
            case 0x88 or 0x89:
                SetRegister(InstructionKind.Store, size, modRm, prefixes, ref instruction);
                return;
            case 0x8C:
                instruction.Kind = InstructionKind.OpaqueStore;
                return;
            case 0xC6 or 0xC7 when modRm.Reg == 0:
                SetImmediate(InstructionKind.Store, size, immediate, ref instruction);
                return;
            case 0xF6 or 0xF7 when modRm.Reg is 2 or 3:
                SetImmediate(InstructionKind.ReadModifyWrite, size, 0, ref instruction);
                instruction.Operation = modRm.Reg == 2 ? Operation.Not : Operation.Neg;
                return;
            case 0xFE or 0xFF when modRm.Reg is 0 or 1:
                SetImmediate(InstructionKind.ReadModifyWrite, size, 1, ref instruction);
                instruction.Operation = modRm.Reg == 0 ? Operation.Inc : Operation.Dec;
                return;
            default:
                return;
        }
    }

    public static void ClassifyTwoByte(byte opcode, in ModRm modRm, in Prefixes prefixes, ref DecodedInstruction instruction)
    {
        if (!modRm.IsMemory)
            return;

        switch (opcode)
        {
            // MOVNTI knows no 16-bit form.
            case 0xC3 when prefixes.Repeat == 0:
                SetRegister(InstructionKind.Store, prefixes.RexW ? 8 : 4, modRm, prefixes, ref instruction);
                return;
            case >= 0x90 and <= 0x9F:
                instruction.Kind = InstructionKind.OpaqueStore;
                return;
            default:
                int implied = prefixes.Repeat == 0xF3 ? 2 : prefixes.Repeat == 0xF2 ? 3 : prefixes.OperandSize ? 1 : 0;
                if (IsVectorStore(opcode, implied))
                    instruction.Kind = InstructionKind.OpaqueStore;
                return;
        }
    }

    /// <summary>After 0F 38: MOVBE to memory. With a REPNE prefix the same opcode is CRC32.</summary>
    public static void ClassifyThreeByte(byte opcode, in ModRm modRm, in Prefixes prefixes, ref DecodedInstruction instruction)
    {
        if (opcode == 0xF1 && modRm.IsMemory && prefixes.Repeat == 0)
            instruction.Kind = InstructionKind.OpaqueStore;
    }

    /// <summary>
    /// Whether an opcode of map 0F with a memory operand is a plain move from a vector register to memory.
    /// </summary>
    /// <param name="opcode">After 0F, or in map 1 of VEX and EVEX.</param>
    /// <param name="implied">The prefix that is a part of the opcode, as VEX.pp has it: 0 none, 1 66, 2 F3, 3 F2.</param>
    public static bool IsVectorStore(byte opcode, int implied) => opcode switch
    {
        0x11 or 0x2B or 0x7F => true,
        0x13 or 0x17 or 0x29 or 0x7E or 0xE7 => implied <= 1,
        0xD6 => implied == 1,
        _ => false,
    };

    private static void SetAccumulator(InstructionKind kind, int size, ref DecodedInstruction instruction)
    {
        instruction.Kind = kind;
        instruction.OperandSize = (byte)size;
    }

    private static void SetImmediate(InstructionKind kind, int size, ulong immediate, ref DecodedInstruction instruction)
    {
        instruction.Kind = kind;
        instruction.OperandSize = (byte)size;
        instruction.IsImmediate = true;
        instruction.Immediate = immediate;
    }

    private static void SetRegister(
        InstructionKind kind, int size, in ModRm modRm, in Prefixes prefixes, ref DecodedInstruction instruction)
    {
        instruction.Kind = kind;
        instruction.OperandSize = (byte)size;

        // Without REX the byte registers 4 to 7 are AH, CH, DH and BH.
        instruction.IsHighByte = size == 1 && prefixes.Rex == 0 && modRm.Reg >= 4;
        instruction.Register = (byte)(instruction.IsHighByte ? modRm.Reg - 4 : modRm.Reg + prefixes.RegisterExtension);
    }
}

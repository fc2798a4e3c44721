using System;

namespace Switcher.Hv.Decode;

/// <summary>
/// Decodes one x86 instruction: its length whatever it is, and what it does to memory if it is an ordinary store. It knows the legacy, VEX,
/// EVEX, XOP and 3DNow! encodings, not APX and not the encodings of Xeon Phi's first generation. It is for instructions that a processor
/// has begun to execute: where bytes break a rule that makes every processor refuse them (LOCK where it is not allowed, unused forms of a
/// group), it may still give the length that they would have.
/// </summary>
public static class InstructionDecoder
{
    /// <summary>In bytes. SDM vol. 2, 2.3.11 "AVX Instruction Length": nothing longer executes.</summary>
    public const int MaximumLength = 15;

    /// <param name="bytes">The instruction's bytes and any that follow. No more than 15 are looked at.</param>
    /// <param name="codeSize">How the processor reads them.</param>
    /// <param name="instruction">The instruction, if the status is <see cref="DecodeStatus.Ok"/>.</param>
    public static DecodeStatus TryDecode(ReadOnlySpan<byte> bytes, CodeSize codeSize, out DecodedInstruction instruction)
    {
        instruction = default;
        InstructionReader reader = new(bytes);
        Prefixes prefixes = Prefixes.Take(ref reader, codeSize);
        instruction.AddressSize = (byte)prefixes.AddressBytes(codeSize);
        instruction.IsLocked = prefixes.Lock;
        bool isValid = DecodeOpcode(ref reader, prefixes, codeSize, ref instruction);
        if (reader.IsBeyondEnd)
            return bytes.Length < MaximumLength ? DecodeStatus.Truncated : DecodeStatus.Invalid;
        instruction.Length = (byte)reader.Position;
        return isValid ? DecodeStatus.Ok : DecodeStatus.Invalid;
    }

    private static bool DecodeOpcode(
        ref InstructionReader reader, in Prefixes prefixes, CodeSize codeSize, ref DecodedInstruction instruction)
    {
        byte opcode = reader.Take();
        if (opcode == 0x0F)
            return DecodeEscaped(ref reader, prefixes, codeSize, ref instruction);
        if (VectorEncoding.IsVectorPrefix(opcode, reader.Peek(), codeSize))
            return prefixes.AllowVex && VectorEncoding.Decode(ref reader, opcode, ref instruction);

        byte shape = OpcodeMaps.OneByte[opcode];
        if ((shape & OpcodeMaps.Legacy) != 0 && codeSize == CodeSize.Bits64)
            return false;

        int operandBytes = prefixes.OperandBytes(codeSize);
        ModRm modRm = (shape & OpcodeMaps.ModRm) != 0 ? ModRm.Take(ref reader, instruction.AddressSize) : default;
        if (!TakeTail(ref reader, shape, modRm, prefixes, codeSize, instruction.AddressSize, out ulong immediate))
            return false;

        MoveDecoder.Classify(opcode, modRm, prefixes, operandBytes, immediate, ref instruction);
        return true;
    }

    private static bool DecodeEscaped(
        ref InstructionReader reader, in Prefixes prefixes, CodeSize codeSize, ref DecodedInstruction instruction)
    {
        byte opcode = reader.Take();
        if (opcode is 0x38 or 0x3A)
        {
            bool hasImmediate = opcode == 0x3A;
            opcode = reader.Take();
            ModRm modRm = ModRm.Take(ref reader, instruction.AddressSize);
            reader.Skip(hasImmediate ? 1 : 0);
            if (!hasImmediate)
                MoveDecoder.ClassifyThreeByte(opcode, modRm, prefixes, ref instruction);
            return true;
        }

        byte shape = OpcodeMaps.TwoByte[opcode];
        if ((shape & OpcodeMaps.TailMask) == OpcodeMaps.Control)
        {
            reader.Skip(1);
            return true;
        }

        ModRm operand = (shape & OpcodeMaps.ModRm) != 0 ? ModRm.Take(ref reader, instruction.AddressSize) : default;
        if (!TakeTail(ref reader, shape, operand, prefixes, codeSize, instruction.AddressSize, out _))
            return false;

        MoveDecoder.ClassifyTwoByte(opcode, operand, prefixes, ref instruction);
        return true;
    }

    /// <summary>Takes what follows the ModRM byte. False if there is no such instruction.</summary>
    private static bool TakeTail(
        ref InstructionReader reader, byte shape, in ModRm modRm, in Prefixes prefixes, CodeSize codeSize, int addressBytes,
        out ulong immediate)
    {
        int operandBytes = prefixes.OperandBytes(codeSize);
        int immZ = Math.Min(operandBytes, 4);
        int tail = shape & OpcodeMaps.TailMask;
        immediate = tail == OpcodeMaps.Imm8 ? reader.TakeSigned(1) : tail == OpcodeMaps.ImmZ ? reader.TakeSigned(immZ) : 0;
        int skipped = tail switch
        {
            OpcodeMaps.None or OpcodeMaps.Imm8 or OpcodeMaps.ImmZ => 0,
            OpcodeMaps.Imm16 => 2,
            OpcodeMaps.ImmV => operandBytes,
            OpcodeMaps.Branch => codeSize == CodeSize.Bits64 ? 4 : immZ,
            OpcodeMaps.Offset => addressBytes,
            OpcodeMaps.Far => immZ + 2,
            OpcodeMaps.Enter => 3,
            OpcodeMaps.Test8 => modRm.Reg < 2 ? 1 : 0,
            OpcodeMaps.TestZ => modRm.Reg < 2 ? immZ : 0,
            OpcodeMaps.Extract => prefixes.OperandSize || prefixes.Repeat != 0 ? 2 : 0,
            _ => -1,
        };
        reader.Skip(Math.Max(skipped, 0));
        return skipped >= 0;
    }
}

using Iced.Intel;
using Switcher.Hv.Decode;
using CodeSize = Switcher.Hv.Decode.CodeSize;
using Decoder = Iced.Intel.Decoder;

namespace Switcher.Tests.Hv.Decode;

/// <summary>What Iced's decoder says about an instruction, in our words.</summary>
public static class IcedOracle
{
    private static readonly Register[] Registers =
    [
        Register.RAX, Register.RCX, Register.RDX, Register.RBX, Register.RSP, Register.RBP, Register.RSI, Register.RDI,
        Register.R8, Register.R9, Register.R10, Register.R11, Register.R12, Register.R13, Register.R14, Register.R15,
    ];

    /// <summary>Decodes, and says whether the bytes are an instruction.</summary>
    public static bool TryDecode(byte[] bytes, CodeSize codeSize, out Instruction instruction)
    {
        Decoder decoder = Decoder.Create(codeSize switch { CodeSize.Bits16 => 16, CodeSize.Bits32 => 32, _ => 64 }, bytes);
        instruction = decoder.Decode();
        return decoder.LastError == DecoderError.None && !instruction.IsInvalid;
    }

    public static InstructionKind KindOf(in Instruction instruction)
    {
        bool toMemory = instruction.Op0Kind == OpKind.Memory;
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Stosb or Mnemonic.Stosw or Mnemonic.Stosd or Mnemonic.Stosq:
                return InstructionKind.StringStore;
            case Mnemonic.Movsb or Mnemonic.Movsw or Mnemonic.Movsq:
            case Mnemonic.Movsd when instruction.Op0Kind is OpKind.MemoryESDI or OpKind.MemoryESEDI or OpKind.MemoryESRDI:
                return InstructionKind.StringMove;
            case Mnemonic.Mov when toMemory:
                return instruction.Op1Kind == OpKind.Register && instruction.Op1Register.IsSegmentRegister()
                    ? InstructionKind.OpaqueStore : InstructionKind.Store;
            case Mnemonic.Movnti:
                return InstructionKind.Store;
            case Mnemonic.Xchg when toMemory:
                return InstructionKind.Exchange;
            case Mnemonic.Movbe when toMemory:
                return InstructionKind.OpaqueStore;
            default:
                break;
        }

        if (!toMemory)
            return InstructionKind.Other;
        if (OperationOf(instruction) is not null)
            return InstructionKind.ReadModifyWrite;

        string name = instruction.Mnemonic.ToString();
        bool isSet = name.StartsWith("Set", System.StringComparison.Ordinal) && instruction.MemorySize == MemorySize.UInt8;
        return isSet || IsVectorMove(instruction) ? InstructionKind.OpaqueStore : InstructionKind.Other;
    }

    public static Operation? OperationOf(in Instruction instruction) => instruction.Mnemonic switch
    {
        Mnemonic.Add => Operation.Add,
        Mnemonic.Or => Operation.Or,
        Mnemonic.Adc => Operation.Adc,
        Mnemonic.Sbb => Operation.Sbb,
        Mnemonic.And => Operation.And,
        Mnemonic.Sub => Operation.Sub,
        Mnemonic.Xor => Operation.Xor,
        Mnemonic.Inc => Operation.Inc,
        Mnemonic.Dec => Operation.Dec,
        Mnemonic.Not => Operation.Not,
        Mnemonic.Neg => Operation.Neg,
        _ => null,
    };

    /// <summary>The number of the general register of which this is a part, and whether it is the second byte of it.</summary>
    public static (int Number, bool IsHighByte) Number(Register register) => register switch
    {
        Register.AH => (0, true),
        Register.CH => (1, true),
        Register.DH => (2, true),
        Register.BH => (3, true),
        _ => (System.Array.IndexOf(Registers, register.GetFullRegister()), false),
    };

    private static bool IsVectorMove(in Instruction instruction)
    {
        string name = instruction.Mnemonic.ToString();
        if (name[0] == 'V')
            name = "M" + name[2..];
        return name is "Movups" or "Movupd" or "Movss" or "Movsd" or "Movlps" or "Movlpd" or "Movhps" or "Movhpd" or "Movaps" or "Movapd"
            or "Movntps" or "Movntpd" or "Movntss" or "Movntsd" or "Movd" or "Movq" or "Movdqa" or "Movdqu" or "Movntq" or "Movntdq"
            or "Movdqa32" or "Movdqa64" or "Movdqu8" or "Movdqu16" or "Movdqu32" or "Movdqu64";
    }
}

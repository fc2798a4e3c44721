using System;

namespace Switcher.Acpi.Aml;

/// <summary>
/// What follows each opcode (ACPI 6.5, 20.2.5 "Term Objects Encoding"), one letter an operand: T a term argument, S a super name or target,
/// N a name string, B W D Q plain data of 1, 2, 4, 8 bytes, Z a string, P a package length and everything that it spans.
/// </summary>
internal static class AmlGrammar
{
    /// <summary>False for a byte that begins no term.</summary>
    public static bool TryGetOperands(int opcode, out ReadOnlySpan<byte> operands)
    {
        operands = opcode switch
        {
            AmlOpcode.Zero or AmlOpcode.One or AmlOpcode.Ones => default, // constants
            >= 0x60 and <= 0x6E => default, // LocalX, ArgX
            0x9F or 0xA3 or 0xA5 or 0xCC => default, // Continue, Noop, Break, BreakPoint
            0x5B30 or 0x5B31 or 0x5B33 => default, // Revision, Debug, Timer
            AmlOpcode.Alias => "NN"u8,
            AmlOpcode.Name => "NT"u8,
            AmlOpcode.BytePrefix => "B"u8,
            AmlOpcode.WordPrefix => "W"u8,
            AmlOpcode.DWordPrefix => "D"u8,
            AmlOpcode.QWordPrefix => "Q"u8,
            AmlOpcode.StringPrefix => "Z"u8,
            AmlOpcode.External => "NBB"u8,
            AmlOpcode.Scope or AmlOpcode.Buffer or AmlOpcode.Package or AmlOpcode.VarPackage or AmlOpcode.Method => "P"u8,
            AmlOpcode.If or AmlOpcode.Else or AmlOpcode.While => "P"u8,
            0x70 or 0x9D => "TS"u8, // Store, CopyObject
            0x71 or 0x75 or 0x76 or 0x87 or 0x8E => "S"u8, // RefOf, Increment, Decrement, SizeOf, ObjectType
            0x72 or 0x73 or 0x74 or 0x77 => "TTS"u8, // Add, Concat, Subtract, Multiply
            0x78 => "TTSS"u8, // Divide
            0x79 or 0x7A or 0x7B or 0x7C or 0x7D or 0x7E or 0x7F => "TTS"u8, // shifts, And, Nand, Or, Nor, Xor
            0x80 or 0x81 or 0x82 => "TS"u8, // Not, FindSetLeftBit, FindSetRightBit
            0x83 => "T"u8, // DerefOf
            0x84 or 0x85 or 0x88 or 0x9C => "TTS"u8, // ConcatRes, Mod, Index, ToString
            0x86 => "ST"u8, // Notify
            0x89 => "TBTBTT"u8, // Match
            0x8A or 0x8B or 0x8C or 0x8D or 0x8F => "TTN"u8, // CreateDWordField and its kin
            AmlOpcode.LAnd or AmlOpcode.LOr or AmlOpcode.LEqual or AmlOpcode.LGreater or AmlOpcode.LLess => "TT"u8,
            AmlOpcode.LNot or AmlOpcode.Return => "T"u8,
            0x96 or 0x97 or 0x98 or AmlOpcode.ToInteger => "TS"u8, // ToBuffer, ToDecimalString, ToHexString
            0x9E => "TTTS"u8, // Mid
            AmlOpcode.Mutex => "NB"u8,
            AmlOpcode.Event => "N"u8,
            AmlOpcode.CondRefOf => "SS"u8,
            0x5B13 => "TTTN"u8, // CreateField
            0x5B1F => "TTTTTT"u8, // LoadTable
            0x5B20 => "NS"u8, // Load
            0x5B21 or 0x5B22 => "T"u8, // Stall, Sleep
            0x5B23 => "SW"u8, // Acquire
            0x5B24 or 0x5B26 or 0x5B27 or 0x5B2A => "S"u8, // Signal, Reset, Release, Unload
            0x5B25 => "ST"u8, // Wait
            0x5B28 or 0x5B29 => "TS"u8, // FromBCD, ToBCD
            0x5B32 => "BDT"u8, // Fatal
            AmlOpcode.OperationRegion => "NBTT"u8,
            AmlOpcode.DataRegion => "NTTT"u8,
            >= AmlOpcode.Field and <= AmlOpcode.BankField => "P"u8,
            _ => "?"u8,
        };
        return operands.Length != 1 || operands[0] != (byte)'?';
    }
}

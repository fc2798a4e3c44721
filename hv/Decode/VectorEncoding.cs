namespace Switcher.Hv.Decode;

/// <summary>
/// Instructions behind VEX, EVEX and XOP prefixes: SDM vol. 2, 2.3 "Intel Advanced Vector Extensions (Intel AVX)" and 2.7 "Intel AVX-512
/// Encoding"; APM vol. 3, 1.8 "Encoding Using the VEX and XOP Prefixes".
/// </summary>
internal static class VectorEncoding
{
    private const byte Vex3 = 0xC4;
    private const byte Vex2 = 0xC5;
    private const byte Evex = 0x62;
    private const byte Xop = 0x8F;

    /// <summary>Whether an opcode is one of these prefixes and not the LES, LDS, BOUND or POP that it also is.</summary>
    public static bool IsVectorPrefix(byte opcode, byte next, CodeSize codeSize) => opcode switch
    {
        // Outside 64-bit mode the prefixes are those forms of LES, LDS and BOUND that would name a register.
        Vex3 or Vex2 or Evex => codeSize == CodeSize.Bits64 || next >= 0xC0,

        // POP has 0 in the ModRM byte's reg field, so the map number in the lower five bits is below 8.
        Xop => (next & 0x1F) >= 8,
        _ => false,
    };

    /// <summary>Decodes from the byte after the first of the prefix.</summary>
    public static bool Decode(ref InstructionReader reader, byte prefix, ref DecodedInstruction instruction)
    {
        byte first = reader.Take();
        int map = 1;
        int implied = first & 3;
        switch (prefix)
        {
            case Vex3 or Xop:
                map = first & 0x1F;
                implied = reader.Take() & 3;
                break;
            case Evex:
                map = first & 7;
                implied = reader.Take() & 3;
                reader.Skip(1);
                break;
            default:
                break;
        }

        byte opcode = reader.Take();
        if (prefix != Xop && prefix != Evex && map == 1 && opcode == 0x77)
            return true;

        ModRm modRm = ModRm.Take(ref reader, instruction.AddressSize);
        int immediateBytes = ImmediateBytes(prefix, map, opcode);
        if (immediateBytes < 0)
            return false;
        reader.Skip(immediateBytes);
        if (prefix != Xop && map == 1 && modRm.IsMemory && MoveDecoder.IsVectorStore(opcode, implied))
            instruction.Kind = InstructionKind.OpaqueStore;
        return true;
    }

    /// <summary>How many bytes follow the operand, or -1 if there is no such map.</summary>
    private static int ImmediateBytes(byte prefix, int map, byte opcode)
    {
        if (prefix == Xop)
            return map == 8 ? 1 : map == 9 ? 0 : map == 10 ? 4 : -1;

        return map switch
        {
            1 => opcode is (>= 0x70 and <= 0x73) or 0xC2 or 0xC4 or 0xC5 or 0xC6 ? 1 : 0,
            2 => 0,
            3 => 1,
            5 or 6 when prefix == Evex => 0,
            _ => -1,
        };
    }
}

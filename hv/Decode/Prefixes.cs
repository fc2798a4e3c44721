namespace Switcher.Hv.Decode;

/// <summary>The prefixes of an instruction: SDM vol. 2, 2.1.1 "Instruction Prefixes" and 2.2.1 "REX Prefixes".</summary>
internal struct Prefixes
{
    public bool OperandSize;
    public bool AddressSize;
    public bool Lock;

    /// <summary>F2 or F3, the last of several, or 0.</summary>
    public byte Repeat;

    /// <summary>The REX byte, or 0.</summary>
    public byte Rex;

    public readonly bool RexW => (Rex & 8) != 0;

    /// <summary>What REX.R adds to a register's number.</summary>
    public readonly int RegisterExtension => (Rex & 4) << 1;

    /// <summary>VEX, EVEX and XOP tolerate none of these before them.</summary>
    public readonly bool AllowVex => !OperandSize && !Lock && Repeat == 0 && Rex == 0;

    public static Prefixes Take(ref InstructionReader reader, CodeSize codeSize)
    {
        Prefixes prefixes = default;
        while (!reader.IsBeyondEnd)
        {
            byte value = reader.Peek();
            if (codeSize == CodeSize.Bits64 && (value & 0xF0) == 0x40)
            {
                prefixes.Rex = value;
                reader.Skip(1);
                continue;
            }

            switch (value)
            {
                case 0x26 or 0x2E or 0x36 or 0x3E or 0x64 or 0x65:
                    break;
                case 0x66:
                    prefixes.OperandSize = true;
                    break;
                case 0x67:
                    prefixes.AddressSize = true;
                    break;
                case 0xF0:
                    prefixes.Lock = true;
                    break;
                case 0xF2 or 0xF3:
                    prefixes.Repeat = value;
                    break;
                default:
                    return prefixes;
            }

            // REX counts only right before the opcode.
            prefixes.Rex = 0;
            reader.Skip(1);
        }

        return prefixes;
    }

    /// <summary>2, 4 or 8 bytes.</summary>
    public readonly int OperandBytes(CodeSize codeSize) => RexW ? 8 : OperandSize == (codeSize == CodeSize.Bits16) ? 4 : 2;

    /// <summary>2, 4 or 8 bytes.</summary>
    public readonly int AddressBytes(CodeSize codeSize) => codeSize switch
    {
        CodeSize.Bits64 => AddressSize ? 4 : 8,
        CodeSize.Bits32 => AddressSize ? 2 : 4,
        _ => AddressSize ? 4 : 2,
    };
}

namespace Switcher.Hv.Decode;

/// <summary>A ModRM byte: SDM vol. 2, 2.1.5 "Addressing-Mode Encoding of ModR/M and SIB Bytes", Tables 2-1 to 2-3.</summary>
internal readonly struct ModRm
{
    private readonly byte value;

    private ModRm(byte value, bool isMemory)
    {
        this.value = value;
        IsMemory = isMemory;
    }

    /// <summary>Whether there is a ModRM byte and its r/m operand lies in memory.</summary>
    public bool IsMemory { get; }

    /// <summary>The reg field, 0 to 7: a register or a part of the opcode.</summary>
    public int Reg => (value >> 3) & 7;

    /// <summary>Takes the byte, and the SIB byte and displacement that belong to it.</summary>
    public static ModRm Take(ref InstructionReader reader, int addressBytes)
    {
        byte value = reader.Take();
        int mod = value >> 6;
        int rm = value & 7;
        if (mod == 3)
            return new ModRm(value, isMemory: false);

        if (addressBytes == 2)
        {
            reader.Skip(mod == 1 ? 1 : mod == 2 || rm == 6 ? 2 : 0);
            return new ModRm(value, isMemory: true);
        }

        // With a SIB byte, its base field takes the place of rm for the displacement without a base.
        int last = rm == 4 ? reader.Take() & 7 : rm;
        reader.Skip(mod == 1 ? 1 : mod == 2 || last == 5 ? 4 : 0);
        return new ModRm(value, isMemory: true);
    }
}

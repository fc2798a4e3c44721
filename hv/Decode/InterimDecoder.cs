// Stands in until the full decoder is there: knows just the instructions that exit in an ordinary boot.
using System;
using System.Buffers.Binary;

namespace Switcher.Hv.Decode;

public enum CodeSize { Bits16, Bits32, Bits64 }

public struct DecodedInstruction
{
    public int Length;
    public bool IsStore;
    public bool IsImmediate;
    public ulong Immediate;
    public int Register;
}

public static class InstructionDecoder
{
    public const int MaximumLength = 15;

    public static bool TryDecode(ReadOnlySpan<byte> b, CodeSize size, out DecodedInstruction d)
    {
        d = default;
        int i = 0;
        int rex = 0;
        bool a16 = size == CodeSize.Bits16;
        while (i < b.Length && (b[i] is 0x66 or 0x67 or 0x2E or 0x36 or 0x3E or 0x26 or 0x64 or 0x65 or 0xF0 or 0xF2 or 0xF3))
        {
            if (b[i] == 0x67) a16 = !a16;
            i++;
        }
        if (size == CodeSize.Bits64 && i < b.Length && (b[i] & 0xF0) == 0x40)
            rex = b[i++];
        if (i + 1 >= b.Length)
            return false;
        if (b[i] == 0x0F)
        {
            d.Length = b[i + 1] == 1 ? i + 3 : i + 2;
            return true;
        }
        byte op = b[i++];
        if (op is not (0x89 or 0xC7 or 0x87))
            return false;
        int modrm = b[i++];
        int mod = modrm >> 6, rm = modrm & 7;
        d.Register = ((modrm >> 3) & 7) | ((rex & 4) << 1);
        d.IsStore = true;
        if (a16 && size != CodeSize.Bits64)
        {
            i += mod == 1 ? 1 : mod == 2 || (mod == 0 && rm == 6) ? 2 : 0;
        }
        else
        {
            int sibBase = -1;
            if (rm == 4) sibBase = b[i++] & 7;
            i += mod == 1 ? 1 : mod == 2 || (mod == 0 && (rm == 5 || sibBase == 5)) ? 4 : 0;
        }
        if (op == 0xC7)
        {
            d.IsImmediate = true;
            d.Immediate = BinaryPrimitives.ReadUInt32LittleEndian(b.Slice(i));
            i += 4;
        }
        d.Length = i;
        return true;
    }
}

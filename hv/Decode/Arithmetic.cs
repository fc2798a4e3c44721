namespace Switcher.Hv.Decode;

/// <summary>
/// Does what a processor would for a <see cref="InstructionKind.ReadModifyWrite"/>: SDM vol. 2 on each instruction; vol. 1, 3.4.3.1 "Status
/// Flags".
/// </summary>
public static class Arithmetic
{
    private const ulong Carry = 1 << 0;
    private const ulong Parity = 1 << 2;
    private const ulong Auxiliary = 1 << 4;
    private const ulong Zero = 1 << 6;
    private const ulong Sign = 1 << 7;
    private const ulong Overflow = 1 << 11;

    /// <summary>Computes the value to write back.</summary>
    /// <param name="operation">What to compute.</param>
    /// <param name="size">Of the operands: 1, 2, 4 or 8 bytes. Higher bits of the operands do not count.</param>
    /// <param name="memory">The value in memory.</param>
    /// <param name="source">The other value, for those operations that have one.</param>
    /// <param name="flags">RFLAGS; the status flags are set as the instruction sets them. (AF is cleared where it is undefined.)</param>
    public static ulong Compute(Operation operation, int size, ulong memory, ulong source, ref ulong flags)
    {
        ulong carry = flags & Carry;
        switch (operation)
        {
            case Operation.Add:
                return Add(size, memory, source, 0, ref flags);
            case Operation.Adc:
                return Add(size, memory, source, carry, ref flags);
            case Operation.Sub or Operation.Compare:
                return Subtract(size, memory, source, 0, ref flags);
            case Operation.Sbb:
                return Subtract(size, memory, source, carry, ref flags);
            case Operation.And:
                return Logical(size, memory & source, ref flags);
            case Operation.Or:
                return Logical(size, memory | source, ref flags);
            case Operation.Xor:
                return Logical(size, memory ^ source, ref flags);
            case Operation.Not:
                return ~memory & Mask(size);
            case Operation.Neg:
                return Subtract(size, 0, memory, 0, ref flags);
            case Operation.Inc:
                memory = Add(size, memory, 1, 0, ref flags);
                break;
            default:
                memory = Subtract(size, memory, 1, 0, ref flags);
                break;
        }

        // INC and DEC leave the carry as it is.
        flags = (flags & ~Carry) | carry;
        return memory;
    }

    private static ulong Add(int size, ulong left, ulong right, ulong carry, ref ulong flags)
    {
        ulong result = left + right + carry;
        ulong carries = (left & right) | ((left | right) & ~result);
        return SetFlags(size, left ^ right ^ result, carries, (left ^ result) & (right ^ result), result, ref flags);
    }

    private static ulong Subtract(int size, ulong left, ulong right, ulong borrow, ref ulong flags)
    {
        ulong result = left - right - borrow;
        ulong borrows = (~left & right) | ((~left | right) & result);
        return SetFlags(size, left ^ right ^ result, borrows, (left ^ right) & (left ^ result), result, ref flags);
    }

    private static ulong Logical(int size, ulong result, ref ulong flags) => SetFlags(size, 0, 0, 0, result, ref flags);

    /// <param name="size">In bytes.</param>
    /// <param name="halfCarries">Bit 4 becomes AF.</param>
    /// <param name="carries">The top bit becomes CF.</param>
    /// <param name="overflows">The top bit becomes OF.</param>
    /// <param name="result">With any higher bits.</param>
    /// <param name="flags">RFLAGS.</param>
    private static ulong SetFlags(int size, ulong halfCarries, ulong carries, ulong overflows, ulong result, ref ulong flags)
    {
        result &= Mask(size);
        ulong top = 1UL << ((8 * size) - 1);
        ulong parity = result ^ (result >> 4);
        parity ^= parity >> 2;
        parity ^= parity >> 1;
        flags &= ~(Carry | Parity | Auxiliary | Zero | Sign | Overflow);
        flags |= (carries & top) != 0 ? Carry : 0;
        flags |= (parity & 1) == 0 ? Parity : 0;
        flags |= halfCarries & Auxiliary;
        flags |= result == 0 ? Zero : 0;
        flags |= (result & top) != 0 ? Sign : 0;
        flags |= (overflows & top) != 0 ? Overflow : 0;
        return result;
    }

    private static ulong Mask(int size) => ulong.MaxValue >> (64 - (8 * size));
}

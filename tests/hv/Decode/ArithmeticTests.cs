using System.Numerics;
using CsCheck;
using Switcher.Hv.Decode;
using Xunit;

namespace Switcher.Tests.Hv.Decode;

public sealed class ArithmeticTests
{
    private const ulong StatusFlags = 0x8D5;

    [Fact]
    public void Compute_AnyOperands_AgreesWithTheDefinitions() =>
        Gen.Select(Gen.Int[0, 11], Gen.Int[0, 3], AnyNumber, AnyNumber, Gen.ULong).Sample((operation, log, memory, source, flags) =>
        {
            int size = 1 << log;
            ulong after = flags;
            ulong result = Arithmetic.Compute((Operation)operation, size, memory, source, ref after);
            (ulong expected, ulong expectedFlags) = Expected((Operation)operation, size, memory, source, flags);
            Assert.Equal(expected, result);
            Assert.Equal(expectedFlags, after);
        });

    private static Gen<ulong> AnyNumber => Gen.OneOf(Gen.ULong, Gen.OneOf(
        Gen.Const(0UL), Gen.Const(1UL), Gen.Const(0x7FUL), Gen.Const(0x80UL), Gen.Const(0x8000UL), Gen.Const(0x7FFFFFFFUL),
        Gen.Const(1UL << 63), Gen.Const(ulong.MaxValue)));

    private static (ulong Result, ulong Flags) Expected(Operation operation, int size, ulong memory, ulong source, ulong flags)
    {
        int bits = 8 * size;
        BigInteger modulus = BigInteger.One << bits;
        BigInteger a = memory % modulus;
        BigInteger b = source % modulus;
        BigInteger carry = flags & 1;
        (BigInteger left, BigInteger right, BigInteger with, int sign) = operation switch
        {
            Operation.Add => (a, b, 0, 1),
            Operation.Adc => (a, b, carry, 1),
            Operation.Sub or Operation.Compare => (a, b, 0, -1),
            Operation.Sbb => (a, b, carry, -1),
            Operation.Inc => (a, 1, 0, 1),
            Operation.Dec => (a, 1, 0, -1),
            Operation.Neg => (0, a, 0, -1),
            Operation.And => (a & b, 0, 0, 0),
            Operation.Or => (a | b, 0, 0, 0),
            Operation.Xor => (a ^ b, 0, 0, 0),
            _ => (modulus - 1 - a, 0, 0, 0),
        };
        BigInteger exact = left + (sign * (right + with));
        ulong result = (ulong)(((exact % modulus) + modulus) % modulus);
        if (operation == Operation.Not)
            return (result, flags);

        BigInteger signed = Signed(left) + (sign * (Signed(right) + with));
        BigInteger low = (left % 16) + (sign * ((right % 16) + with));
        bool cf = operation is Operation.Inc or Operation.Dec ? carry == 1 : exact < 0 || exact >= modulus;
        ulong status = (cf ? 1UL : 0)
            | (BitOperations.PopCount(result & 0xFF) % 2 == 0 ? 4UL : 0)
            | (low < 0 || low > 15 ? 0x10UL : 0)
            | (result == 0 ? 0x40UL : 0)
            | (result >> (bits - 1) != 0 ? 0x80UL : 0)
            | (signed != Signed(result) ? 0x800UL : 0);
        return (result, (flags & ~StatusFlags) | status);

        BigInteger Signed(BigInteger value) => value >= modulus / 2 ? value - modulus : value;
    }
}

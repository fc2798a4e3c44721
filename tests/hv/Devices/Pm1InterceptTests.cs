using System;
using CsCheck;
using Switcher.Hv.Devices;
using Xunit;

namespace Switcher.Tests.Hv.Devices;

/// <summary>ACPI 6.5, 4.8.3.2.1 PM1 Control Registers: SLP_TYP is bits 12:10, SLP_EN bit 13, so all of it is in the high byte.</summary>
public class Pm1InterceptTests
{
    private const ushort ControlA = 0x604;
    private const ushort ControlB = 0x614;

    private static readonly PowerManagement s_power = new()
    {
        Pm1aControl = ControlA,
        Pm1bControl = ControlB,
        S1 = Type(3, 1),
        S3 = new SleepType { IsPresent = true, A = 1, B = 2 },
        S4 = new SleepType { IsPresent = true, A = 6, B = 4 },
        S5 = new SleepType { IsPresent = true, A = 7, B = 0 },
    };

    [Theory]
    [InlineData(0x2401, PortAction.Sleep)]
    [InlineData(0x3801, PortAction.PowerOff)]
    [InlineData(0x3C01, PortAction.PowerOff)]
    [InlineData(0x2C01, PortAction.Pass)]
    [InlineData(0x0401, PortAction.Pass)]
    [InlineData(0x2001, PortAction.Hold)]
    [InlineData(0x2801, PortAction.Hold)]
    public void Classify_WordAtPm1a_DependsOnTypeAndEnable(uint value, PortAction expected) =>
        Assert.Equal(expected, Classify(s_power, ControlA, value));

    [Theory]
    [InlineData(0x2401, PortAction.Sleep)]
    [InlineData(0x3C01, PortAction.PowerOff)]
    [InlineData(0x2C01, PortAction.Pass)]
    [InlineData(0x2001, PortAction.UnknownSleep)]
    [InlineData(0x2801, PortAction.UnknownSleep)]
    public void Classify_WithoutPm1b_DecidesAtOnce(uint value, PortAction expected) =>
        Assert.Equal(expected, Classify(s_power with { Pm1bControl = 0 }, ControlA, value));

    /// <summary>HP Compaq 8100: PM1a's types are all 0, PM1b's are 5, 6 and 7 for S3, S4 and S5; here with an S1 of 4.</summary>
    [Theory]
    [InlineData(5, PortAction.Sleep)]
    [InlineData(6, PortAction.PowerOff)]
    [InlineData(7, PortAction.PowerOff)]
    [InlineData(4, PortAction.Pass)]
    [InlineData(1, PortAction.UnknownSleep)]
    public void Classify_TypesThatDifferInPm1bOnly_AreDecidedThere(uint type, PortAction expected)
    {
        PowerManagement power = s_power with { S1 = Type(0, 4), S3 = Type(0, 5), S4 = Type(0, 6), S5 = Type(0, 7) };
        SleepRequest request = default;

        // As ACPICA writes: the types first, then the same with SLP_EN.
        Assert.Equal(PortAction.Pass, Pm1Intercept.Classify(power, ref request, ControlA, 2, 0x0001));
        Assert.Equal(PortAction.Pass, Pm1Intercept.Classify(power, ref request, ControlB, 2, 0x0001 | (type << 10)));
        Assert.Equal(PortAction.Hold, Pm1Intercept.Classify(power, ref request, ControlA, 2, 0x2001));
        Assert.Equal((ControlA, (byte)2, 0x2001u, false), (request.Port, request.Size, request.Value, request.IsPassed));
        Assert.Equal(PortAction.Pass, Pm1Intercept.Classify(power, ref request, ControlB, 1, 0x01));
        Assert.Equal(expected, Pm1Intercept.Classify(power, ref request, ControlB, 2, 0x2001 | (type << 10)));

        // The hardware gets the first half before the second, or neither.
        bool isPassed = expected is PortAction.PowerOff or PortAction.Pass;
        Assert.Equal((isPassed ? ControlA : (ushort)0, isPassed), (request.Port, request.IsPassed));
    }

    /// <summary>Where PM1a has decided, PM1b gets what PM1a got: never half a request.</summary>
    [Theory]
    [InlineData(0x2401, PortAction.Sleep, PortAction.UnknownSleep)]
    [InlineData(0x3C01, PortAction.PowerOff, PortAction.Pass)]
    [InlineData(0x2C01, PortAction.Pass, PortAction.Pass)]
    public void Classify_Pm1bAfterADecisionAtPm1a_FollowsIt(uint first, PortAction atA, PortAction atB)
    {
        SleepRequest request = default;
        Assert.Equal(atA, Pm1Intercept.Classify(s_power, ref request, ControlA, 2, first));
        Assert.Equal(atB, Pm1Intercept.Classify(s_power, ref request, ControlB, 2, 0x2001));
        Assert.Equal(PortAction.UnknownSleep, Pm1Intercept.Classify(s_power, ref request, ControlB, 2, 0x2001));
    }

    /// <summary>Whatever the width and wherever the write starts: only a high byte with SLP_EN counts.</summary>
    [Fact]
    public void Classify_AnyWrite_ActsOnThatByteAlone() =>
        Gen.Select(Gen.Int[ControlA - 6, ControlB + 6], Gen.OneOf(1, 2, 4), Gen.UInt).Sample((port, size, value) =>
        {
            byte? highA = ByteAt(ControlA + 1, port, size, value);
            byte? highB = ByteAt(ControlB + 1, port, size, value);
            PortAction expected = highA switch
            {
                byte high when (high & 0x20) != 0 => ((high >> 2) & 7) switch
                {
                    1 => PortAction.Sleep,
                    3 => PortAction.Pass,
                    6 or 7 => PortAction.PowerOff,
                    _ => PortAction.Hold,
                },
                _ => highB is byte alone && (alone & 0x20) != 0 ? PortAction.UnknownSleep : PortAction.Pass,
            };
            return Classify(s_power, (ushort)port, value, size) == expected;
        }, iter: 20_000);

    [Fact]
    public void Classify_StateThatTheMachineLacks_IsUnknown()
    {
        PowerManagement power = s_power with { Pm1bControl = 0 };
        power.S3.IsPresent = false;
        Assert.Equal(PortAction.UnknownSleep, Classify(power, ControlA, 0x2401));
    }

    /// <summary>Without PM1b its address is 0, and port 1 is not its high byte.</summary>
    [Fact]
    public void Classify_WithoutPm1b_LeavesPortsAtZeroAlone()
    {
        PowerManagement power = s_power with { Pm1bControl = 0 };
        Assert.Equal(PortAction.Pass, Classify(power, 0, 0x2801_2801, 4));
        Assert.Equal(PortAction.Pass, Classify(power, 1, 0x28, 1));
    }

    /// <summary>One doubleword over two blocks that adjoin has both types.</summary>
    [Theory]
    [InlineData(0x2801_2401, PortAction.Sleep)]
    [InlineData(0x2001_3C01, PortAction.PowerOff)]
    [InlineData(0x2801_3C01, PortAction.UnknownSleep)]
    public void Classify_DoublewordOverBothBlocks_IsOneRequest(uint value, PortAction expected) =>
        Assert.Equal(expected, Classify(s_power with { Pm1bControl = ControlA + 2 }, ControlA, value, 4));

    private static SleepType Type(byte a, byte b) => new() { IsPresent = true, A = a, B = b };

    private static PortAction Classify(in PowerManagement power, ushort port, uint value, int size = 2)
    {
        SleepRequest request = default;
        return Pm1Intercept.Classify(power, ref request, port, size, value);
    }

    private static byte? ByteAt(int register, int port, int size, uint value)
        => register >= port && register < port + size ? (byte)(value >> (8 * (register - port))) : null;
}

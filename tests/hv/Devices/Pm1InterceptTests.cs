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
        S3 = new SleepType { IsPresent = true, A = 1, B = 2 },
        S4 = new SleepType { IsPresent = true, A = 6, B = 4 },
        S5 = new SleepType { IsPresent = true, A = 7, B = 0 },
    };

    [Theory]
    [InlineData(0x2401, PortAction.Sleep)]
    [InlineData(0x3801, PortAction.PowerOff)]
    [InlineData(0x3C01, PortAction.PowerOff)]
    [InlineData(0x0401, PortAction.Pass)]
    [InlineData(0x2001, PortAction.Pass)]
    [InlineData(0x2801, PortAction.Pass)]
    public void Classify_WordAtPm1a_DependsOnTypeAndEnable(uint value, PortAction expected)
        => Assert.Equal(expected, Pm1Intercept.Classify(s_power, ControlA, 2, value));

    /// <summary>Whatever the width and wherever the write starts: only a high byte with SLP_EN and a known type counts.</summary>
    [Fact]
    public void Classify_AnyWrite_ActsOnThatByteAlone() =>
        Gen.Select(Gen.Int[ControlA - 6, ControlB + 6], Gen.OneOf(1, 2, 4), Gen.UInt).Sample((port, size, value) =>
        {
            byte? highA = ByteAt(ControlA + 1, port, size, value);
            byte? highB = ByteAt(ControlB + 1, port, size, value);
            PortAction expected = highA switch
            {
                byte high when (high & 0x20) != 0 && ((high >> 2) & 7) == 1 => PortAction.Sleep,
                byte high when (high & 0x20) != 0 && ((high >> 2) & 7) is 6 or 7 => PortAction.PowerOff,
                _ => highB switch
                {
                    byte high when (high & 0x20) != 0 && ((high >> 2) & 7) == 2 => PortAction.Drop,
                    byte high when (high & 0x20) != 0 && ((high >> 2) & 7) is 0 or 4 => PortAction.PowerOffRest,
                    _ => PortAction.Pass,
                },
            };
            return Pm1Intercept.Classify(s_power, (ushort)port, size, value) == expected;
        }, iter: 20_000);

    [Fact]
    public void Classify_StateThatTheMachineLacks_IsNotIntercepted()
    {
        PowerManagement power = s_power;
        power.S3.IsPresent = false;
        Assert.Equal(PortAction.Pass, Pm1Intercept.Classify(power, ControlA, 2, 0x2401));
    }

    /// <summary>Without PM1b its address is 0, and port 1 is not its high byte.</summary>
    [Fact]
    public void Classify_WithoutPm1b_LeavesPortsAtZeroAlone()
    {
        PowerManagement power = s_power;
        power.Pm1bControl = 0;
        Assert.Equal(PortAction.Pass, Pm1Intercept.Classify(power, 0, 4, 0x2801_2801));
        Assert.Equal(PortAction.Pass, Pm1Intercept.Classify(power, 1, 1, 0x28));
    }

    /// <summary>One doubleword over two blocks that adjoin: PM1a decides.</summary>
    [Fact]
    public void Classify_DoublewordOverBothBlocks_IsOneRequest()
    {
        PowerManagement power = s_power;
        power.Pm1bControl = ControlA + 2;
        Assert.Equal(PortAction.Sleep, Pm1Intercept.Classify(power, ControlA, 4, 0x2801_2401));
    }

    private static byte? ByteAt(int register, int port, int size, uint value)
        => register >= port && register < port + size ? (byte)(value >> (8 * (register - port))) : null;
}

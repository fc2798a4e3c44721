using Switcher.Hv.Devices;
using Xunit;

namespace Switcher.Tests.Hv.Devices;

public class ResetRegistersTests
{
    private static readonly PowerManagement s_power = new() { ResetPort = 0xB2, ResetValue = 0xE7 };

    /// <summary>What Linux writes for reboot=pci and reboot=kbd, and what firmware tables ask for.</summary>
    [Theory]
    [InlineData(0xCF9, 1, 0x06)]
    [InlineData(0xCF9, 1, 0x0E)]
    [InlineData(0xCF9, 1, 0x04)]
    [InlineData(0x64, 1, 0xFE)]
    [InlineData(0x64, 1, 0xF0)]
    [InlineData(0x92, 1, 0x01)]
    [InlineData(0x92, 1, 0x03)]
    [InlineData(0xB2, 1, 0xE7)]
    public void Classify_ResetOfEachRegister_IsReset(ushort port, int size, uint value)
        => Assert.Equal(PortAction.Reset, ResetRegisters.Classify(s_power, port, size, value));

    [Theory]
    [InlineData(0xCF9, 1, 0x02)]
    [InlineData(0xCF9, 1, 0x0A)]
    [InlineData(0x64, 1, 0xFF)]
    [InlineData(0x64, 1, 0xD4)]
    [InlineData(0x64, 1, 0xAE)]
    [InlineData(0x92, 1, 0x02)]
    [InlineData(0xB2, 1, 0xE6)]
    [InlineData(0xB3, 1, 0xE7)]
    public void Classify_OrdinaryUseOfEachRegister_Passes(ushort port, int size, uint value)
        => Assert.Equal(PortAction.Pass, ResetRegisters.Classify(s_power, port, size, value));

    /// <summary>PCI configuration addresses have bits where the reset control register would see a reset.</summary>
    [Fact]
    public void Classify_PciConfigurationAddress_Passes()
        => Assert.Equal(PortAction.Pass, ResetRegisters.Classify(s_power, 0xCF8, 4, 0x8000_FE04));

    /// <summary>Narrower writes at that port are the registers themselves.</summary>
    [Fact]
    public void Classify_WordThatReachesTheResetControl_IsReset()
        => Assert.Equal(PortAction.Reset, ResetRegisters.Classify(s_power, 0xCF8, 2, 0x0600));

    [Theory]
    [InlineData(0x62, 4, 0x00FE_0000)]
    [InlineData(0x63, 2, 0xFE00)]
    [InlineData(0x91, 2, 0x0100)]
    [InlineData(0xB0, 4, 0x00E7_0000)]
    [InlineData(0xCF9, 2, 0x0006)]
    public void Classify_RegisterInsideAWideWrite_IsReset(ushort port, int size, uint value)
        => Assert.Equal(PortAction.Reset, ResetRegisters.Classify(s_power, port, size, value));

    [Fact]
    public void Classify_WithoutResetRegister_LeavesPortZeroAlone()
        => Assert.Equal(PortAction.Pass, ResetRegisters.Classify(default, 0, 1, 0));
}

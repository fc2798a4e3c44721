using System;
using CsCheck;
using Switcher.Hv.Devices;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Devices;

/// <summary>ACPI 6.5, 4.8.3.1: status bits are cleared by writing ones; PM1a and PM1b are one register in two places.</summary>
public class FixedHardwareTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Quiesce_AnyState_EnablesNothingAndClearsEverything(bool hasPm1b) => Gen.Byte.Array[12].Sample(values =>
    {
        using FakeMachine machine = new(new MachineOptions { HasPm1b = hasPm1b });
        FakeAcpiHardware acpi = machine.Acpi;
        byte[][] registers = [acpi.StatusA, acpi.EnableA, acpi.GpeStatus, acpi.GpeEnable, acpi.StatusB, acpi.EnableB];
        for (int i = 0; i < (hasPm1b ? 6 : 4); i++)
            values.AsSpan(2 * i, 2).CopyTo(registers[i]);

        Machine<FakePlatform>.FixedHardware.Quiesce(machine.Power);

        Assert.True(acpi.IsQuiet);
    }, iter: 50);

    /// <summary>SCI_EN and the bus-master bits are the next guest's business.</summary>
    [Fact]
    public void Quiesce_Any_LeavesTheControlRegister()
    {
        using FakeMachine machine = new();
        machine.Acpi.Control[0] = 0x01;
        Machine<FakePlatform>.FixedHardware.Quiesce(machine.Power);
        Assert.Equal(0x01, machine.Acpi.Control[0]);
    }

    [Fact]
    public void ReadStatusAndEnable_BothBlocks_AreMerged()
    {
        using FakeMachine machine = new(new MachineOptions { HasPm1b = true });
        machine.Acpi.StatusA[1] = 0x01;
        machine.Acpi.StatusB[1] = 0x04;
        machine.Acpi.EnableA[0] = 0x20;
        machine.Acpi.EnableB[1] = 0x02;
        Assert.Equal(0x0500, Machine<FakePlatform>.FixedHardware.ReadStatus(machine.Power));
        Assert.Equal(0x0220, Machine<FakePlatform>.FixedHardware.ReadEnable(machine.Power));
    }

    [Fact]
    public void EnablePowerButton_Beside_KeepsWhatIsEnabled()
    {
        using FakeMachine machine = new();
        machine.Acpi.Enable = 0x0420;
        Machine<FakePlatform>.FixedHardware.EnablePowerButton(machine.Power);
        Assert.Equal(0x0520, machine.Acpi.Enable);
    }

    [Theory]
    [InlineData(0x10, 0x10, 0, true)]
    [InlineData(0x10, 0x00, 0, false)]
    [InlineData(0x00, 0x10, 0, false)]
    [InlineData(0x80, 0x80, 1, true)]
    public void IsGpePending_NeedsStatusAndEnable(byte status, byte enable, int index, bool expected)
    {
        using FakeMachine machine = new();
        machine.Acpi.GpeStatus[index] = status;
        machine.Acpi.GpeEnable[index] = enable;
        Assert.Equal(expected, Machine<FakePlatform>.FixedHardware.IsGpePending(machine.Power));
    }
}

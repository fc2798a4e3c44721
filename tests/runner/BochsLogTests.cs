using Switcher.Runner.Emulators;
using Xunit;

namespace Switcher.Tests.Runner;

/// <summary>The lines are those of Bochs 3.0.</summary>
public class BochsLogTests
{
    private const string PowerOn = "00000000000i[SYS   ] bx_pc_system_c::Reset(HARDWARE) called";

    [Fact]
    public void BochsLog_PowerOnAlone_IsNoReset()
    {
        var log = new BochsLog();
        Assert.False(log.Read(PowerOn));
        Assert.Equal(EmulatorEnd.Died, log.End);
    }

    [Fact]
    public void BochsLog_SecondReset_EndsTheMachine()
    {
        var log = new BochsLog();
        log.Read(PowerOn);
        log.Read("04847570250i[P2ISA ] write: CPU reset register = 0x06");
        Assert.True(log.Read("04847570250i[SYS   ] bx_pc_system_c::Reset(HARDWARE) called"));
        Assert.Equal(EmulatorEnd.Reset, log.End);
    }

    [Theory]
    [InlineData("04732739478p[ACPI  ] >>PANIC<< ", "ACPI control: soft power off", EmulatorEnd.PowerOff)]
    [InlineData("04680713443p[CPU0  ] >>PANIC<< ", "exception(): 3rd (13) exception with no resolution", EmulatorEnd.Reset)]
    [InlineData("00000000000p[HD    ] >>PANIC<< ", "ata0-0: could not open hard drive image file", EmulatorEnd.Died)]
    public void BochsLog_Panic_SaysHowTheMachineEndedAndWhy(string start, string why, EmulatorEnd end)
    {
        var log = new BochsLog();
        log.Read(PowerOn);
        Assert.False(log.Read(start + why));
        Assert.Equal(end, log.End);
        Assert.Equal(why, log.LastError);
    }
}

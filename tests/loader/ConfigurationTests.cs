using System;
using System.Linq;
using System.Text;
using Switcher.Boot.Config;
using Switcher.Efi.Cpu;
using Switcher.Efi.Firmware;
using Switcher.Efi.Guests;
using Switcher.Efi.Steps;
using Switcher.Tests.Loader.Runtime;
using Xunit;

namespace Switcher.Tests.Loader;

/// <summary>What the boot, and a guest that is loaded again, make of the variables.</summary>
public sealed unsafe class ConfigurationTests
{
    private readonly TestBoot _boot = new(2);

    [Theory]
    [InlineData(null, SleepPolicy.Switch, false)]
    [InlineData("armed\n", SleepPolicy.Machine, false)]
    [InlineData("switch", SleepPolicy.Switch, false)]
    [InlineData("always", SleepPolicy.Switch, true)]
    public void Read_Sleep_IsThePolicyOrTheDefaultWithAWarning(string? text, SleepPolicy policy, bool isWarned)
    {
        Set("SwitcherSleep", text);
        Configuration.Read(_boot.Context);
        Assert.Equal(policy, _boot.Context->Plan.Sleep);
        Assert.Equal(isWarned, DebugPort.Lines.Any(line => line.StartsWith("WARN SwitcherSleep: ", StringComparison.Ordinal)));
    }

    /// <summary>As if the guest had been configured so from the start; what is not there any more is the boot option's own again.</summary>
    [Fact]
    public void ReadGuestOptions_Again_TakesWhatIsThereNow()
    {
        GuestBoot* guest = _boot.Guest(1);
        byte own = 0x11;
        guest->OptionalData = &own;
        guest->OptionalDataSize = 1;
        Set("SwitcherGuest0002", "options=quiet\ninitrd=\\initrd\nsleep=machine");
        guest->HasNewOptions = true;
        Configuration.ReadGuestOptions(_boot.Context, guest);
        Assert.Equal("quiet\0", new string((char*)guest->LoadOptions, 0, (int)guest->LoadOptionsSize / sizeof(char)));
        Assert.Equal("\\initrd", new string(guest->InitialRamDisk));
        Assert.Equal((SleepPolicy.Machine, false), (guest->Sleep, guest->HasNewOptions));

        Set("SwitcherGuest0002", null);
        Configuration.ReadGuestOptions(_boot.Context, guest);
        Assert.True(guest->LoadOptions == &own && guest->LoadOptionsSize == 1 && guest->InitialRamDisk == null);
        Assert.Equal(SleepPolicy.Switch, guest->Sleep);
    }

    private void Set(string name, string? text) => _boot.Uefi.Variables.Set(
        name, Variables.SwitcherVendor, ServiceGuest.Lasting, Encoding.UTF8.GetBytes(text ?? ""));
}

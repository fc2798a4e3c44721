using Switcher.Runner.Guests;
using Xunit;

namespace Switcher.Tests.Runner;

public class SetupFileTests
{
    [Fact]
    public void SetupFile_TwoGuests_AreNumberedInTheirOrder()
    {
        Guest cloud = new("debian-cloud", @"\EFI\debian-cloud\linux.efi", "", HasAgent: true);
        Guest full = new("debian", @"\EFI\debian\linux.efi", "console=ttyS0 quiet", HasAgent: true)
        {
            Settings = ["memory=40%", @"initrd=\EFI\debian\initrd.img"],
        };
        Assert.Equal(
            """
            boot 0001 "debian-cloud" \EFI\debian-cloud\linux.efi
            boot 0002 "debian" \EFI\debian\linux.efi console=ttyS0 quiet
            guest 0002 memory=40%
            guest 0002 initrd=\EFI\debian\initrd.img
            guests 0001 0002
            timeout 0
            variable SwitcherSleep 61 72
            start \EFI\Switcher\Switcher.efi

            """,
            SetupFile.Format([cloud, full], "variable SwitcherSleep 61 72"));
    }

    [Fact]
    public void SetupFile_OfAMachineWithoutAChoice_NamesNoGuests() => Assert.Equal(
        """
        boot 0001 "a" \a.efi
        timeout 2
        start \EFI\Switcher\Switcher.efi

        """,
        SetupFile.Format([new Guest("a", @"\a.efi", "", HasAgent: false)], isChosen: false, ["timeout 2"]));
}

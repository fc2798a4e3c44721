using CsCheck;
using Switcher.Runner.Guests;
using Xunit;

namespace Switcher.Tests.Runner;

public class GuestSpecTests
{
    [Theory]
    [InlineData("debian-cloud", DebianFlavour.Cloud)]
    [InlineData("debian", DebianFlavour.Full)]
    [InlineData("debian-older", DebianFlavour.Older)]
    public void GuestSpec_NameOfADebianSystem_IsThatSystem(string text, DebianFlavour flavour)
    {
        Assert.True(GuestSpec.TryParse(text, out GuestSpec spec, out string _));
        Assert.Equal(text, spec.Name);
        Assert.Equal(flavour, spec.Debian);
    }

    [Fact]
    public void GuestSpec_AllKeys_AreTaken()
    {
        const string text = @"name=arch,efi=/boot/vmlinuz,initrd=/boot/initrd,options=root=/dev/sda2 rw,memory=40%,disk=/images/arch.img";
        Assert.True(GuestSpec.TryParse(text, out GuestSpec spec, out string _));
        Assert.Equal(
            new GuestSpec("arch", null, "/boot/vmlinuz", "/boot/initrd", "root=/dev/sda2 rw", "40%", "/images/arch.img"), spec);
    }

    [Theory]
    [InlineData(@"name=a,efi=/x,options=console=ttyS0\,115200 quiet", "console=ttyS0,115200 quiet")]
    [InlineData(@"name=a,efi=/x,options=a\,b\,c", "a,b,c")]
    [InlineData(@"name=a,efi=/x,options=initrd=\EFI\a\initrd.img", @"initrd=\EFI\a\initrd.img")]
    [InlineData(@"name=a,efi=/x,options=ends with \", @"ends with \")]
    public void GuestSpec_BackslashInOptions_OnlyHidesAComma(string text, string options)
    {
        Assert.True(GuestSpec.TryParse(text, out GuestSpec spec, out string _));
        Assert.Equal(options, spec.Options);
    }

    [Fact]
    public void GuestSpec_MemoryInMebibytes_IsWrittenAsSwitcherTakesIt()
    {
        Assert.True(GuestSpec.TryParse("name=a,efi=/x,memory=1536", out GuestSpec spec, out string _));
        Assert.Equal("1536M", spec.Memory);
    }

    [Theory]
    [InlineData("", "unknown guest")]
    [InlineData("ubuntu", "unknown guest")]
    [InlineData("name=a", "efi is missing")]
    [InlineData("efi=/x", "name is missing")]
    [InlineData("name=,efi=/x", "name is empty")]
    [InlineData("name=a,name=b,efi=/x", "name is given twice")]
    [InlineData("name=a,efi=/x,colour=red", "unknown key 'colour'")]
    [InlineData("name=a,efi=/x,options=a,b", "'b' is not key=value")]
    [InlineData("name=a,efi=/x,memory=much", "neither a number of MiB nor a percentage")]
    [InlineData("name=a,efi=/x,memory=0", "neither a number of MiB nor a percentage")]
    [InlineData("name=a,efi=/x,memory=101%", "neither a number of MiB nor a percentage")]
    [InlineData("name=a b,efi=/x", "may hold only")]
    [InlineData("name=../x,efi=/x", "may hold only")]
    [InlineData(@"name=a,efi=\EFI\a\grubx64.efi", "disk is missing")]
    public void GuestSpec_BadText_IsRefusedWithTheReason(string text, string reason)
    {
        Assert.False(GuestSpec.TryParse(text, out GuestSpec _, out string error));
        Assert.Contains(reason, error);
    }

    [Fact]
    public void GuestSpec_AnyOptionsWithCommasEscaped_ComeBackAsTheyWere() =>
        Gen.String[Gen.Char[' ', '~'], 1, 60].Where(options => !options.EndsWith('\\') && !options.Contains(@"\,")).Sample(options =>
        {
            string text = "name=a,efi=/x,options=" + options.Replace(",", @"\,");
            Assert.True(GuestSpec.TryParse(text, out GuestSpec spec, out string _));
            Assert.Equal(options, spec.Options);
        });

    [Fact]
    public void GuestSpec_AnyText_IsTakenOrRefusedWithAReason() =>
        Gen.String.Sample(text => Assert.NotEqual(GuestSpec.TryParse(text, out GuestSpec _, out string error), error.Length > 0));
}

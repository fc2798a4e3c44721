using System;
using System.Linq;
using System.Text;
using System.Text.Json;
using CsCheck;
using Switcher.Ctl.Live;
using Xunit;

namespace Switcher.Tests.Ctl;

/// <summary><c>switcherctl status</c> and <c>log</c>, on a directory that looks like a Linux under Switcher.</summary>
public sealed class StatusTests : IDisposable
{
    private const string Text = """
        version=Switcher 1.2.3
        backend=vmx
        switches=2
        last-from=0001
        last-to=0002
        last-microseconds=1234
        services=ok
        dma=not-confined
        hypervisor-bytes=10485760
        firmware-bytes=94371840
        sleep=armed
        next=
        news=from a later version
        guest=0001 state=suspended sleep=switch restarts=0 exits=12 bytes=2147483648 ranges=0x100000+0x80000000 name="Debian, größer"
        guest=0002 state=active sleep=machine restarts=3 exits=34 bytes=1073741824 ranges= name="Other"

        """;

    private readonly FakeLinux _linux = new();

    public void Dispose() => _linux.Dispose();

    [Fact]
    public void Status_OfAMachineUnderSwitcher_ShowsItsGuests()
    {
        _linux.PutVariable("SwitcherStatus", Text);
        (int exit, string output, string errors) = _linux.Run("status");
        Assert.Equal((0, ""), (exit, errors));
        Assert.Equal("""
            Switcher 1.2.3 (vmx): 2 switches
            last switch: 0001 to 0002 in 1234 microseconds
            sleep: armed, next: in order
            firmware services: ok, DMA: not-confined
            memory of no system: 10 MiB hypervisor, 90 MiB firmware
            0001  suspended     2048 MiB  sleep=switch   restarts=0  Debian, größer
            0002  active        1024 MiB  sleep=machine  restarts=3  Other
            At the machine's next start Switcher may not be there: it has no boot option; 'switcherctl install' makes one.

            """, output);
    }

    [Fact]
    public void Status_AsJson_HasEveryKey()
    {
        _linux.PutVariable("SwitcherStatus", Text);
        JsonElement json = JsonDocument.Parse(_linux.Run("status", "--json").Output).RootElement;
        Assert.Equal(("vmx", "from a later version"), (json.GetProperty("backend").GetString(), json.GetProperty("news").GetString()));
        Assert.Equal("Debian, größer", json.GetProperty("guests")[0].GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("version=1\n")]
    [InlineData("nonsense\n")]
    [InlineData("=\n")]
    [InlineData("guest=0001 state\n")]
    [InlineData("guest=0001 name=\"open\n")]
    [InlineData("guest=0001 =x\n")]
    public void Status_OfBadText_IsNotUnderstood(string text)
    {
        _linux.PutVariable("SwitcherStatus", text);
        Assert.Equal(2, _linux.Run("status").Exit);
    }

    [Fact]
    public void Status_CutWithinACharacter_IsNotUnderstood()
    {
        _linux.PutVariable("SwitcherStatus", [.. "guest=0001 name=\""u8, 0xE2, 0x82, (byte)'"']);
        Assert.Equal(2, _linux.Run("status").Exit);
    }

    [Fact]
    public void TryParse_AnyBytes_ComesBack() => Gen.OneOf(
        Gen.Byte.Array[0, 100],
        Gen.Select(Gen.Int[0, Text.Length - 1], Gen.Char[' ', '~'], (at, c) => Encoding.UTF8.GetBytes(Text[..at] + c + Text[(at + 1)..])))
        .Sample(bytes => SwitcherStatus.TryParse(bytes, out SwitcherStatus? status) == status is { Guests.Count: > 0 });

    [Fact]
    public void Log_UnderSwitcher_IsPrintedAsItIs()
    {
        string log = string.Concat(Enumerable.Repeat("STEP s3 guest=0\n", 4096));
        _linux.PutVariable("SwitcherLog", log);
        Assert.Equal((0, log, ""), _linux.Run("log"));
        Assert.Equal(4096, JsonDocument.Parse(_linux.Run("log", "--json").Output).RootElement.GetProperty("lines").GetArrayLength());
    }
}

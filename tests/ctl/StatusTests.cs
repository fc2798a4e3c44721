using System;
using System.IO;
using System.Linq;
using System.Text;
using CsCheck;
using Switcher.Ctl;
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

    private readonly string _root = Directory.CreateTempSubdirectory("switcher-ctl-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Status_OfAMachineUnderSwitcher_ShowsItsGuests()
    {
        Put("SwitcherStatus", Encoding.UTF8.GetBytes(Text));
        (int exit, string output, string errors) = Run();
        Assert.Equal((0, ""), (exit, errors));
        Assert.Equal("""
            Switcher 1.2.3 (vmx): 2 switches
            last switch: 0001 to 0002 in 1234 microseconds
            sleep: armed, next: in order
            firmware services: ok, DMA: not-confined
            memory of no system: 10 MiB hypervisor, 90 MiB firmware
            0001  suspended     2048 MiB  sleep=switch   restarts=0  Debian, größer
            0002  active        1024 MiB  sleep=machine  restarts=3  Other

            """, output);
    }

    [Fact]
    public void Status_WithoutSwitcher_SaysSo()
    {
        (int exit, string output, string errors) = Run();
        Assert.Equal((1, ""), (exit, output));
        Assert.Contains("does not run", errors, StringComparison.Ordinal);
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
        Put("SwitcherStatus", Encoding.UTF8.GetBytes(text));
        Assert.Equal(2, Run().Exit);
    }

    [Fact]
    public void Status_CutWithinACharacter_IsNotUnderstood()
    {
        Put("SwitcherStatus", [.. "guest=0001 name=\""u8, 0xE2, 0x82, (byte)'"']);
        Assert.Equal(2, Run().Exit);
    }

    [Fact]
    public void TryParse_AnyBytes_ComesBack() => Gen.OneOf(
        Gen.Byte.Array[0, 100],
        Gen.Select(Gen.Int[0, Text.Length - 1], Gen.Char[' ', '~'], (at, c) => Encoding.UTF8.GetBytes(Text[..at] + c + Text[(at + 1)..])))
        .Sample(bytes => SwitcherStatus.TryParse(bytes, out SwitcherStatus? status) == status is { Guests.Count: > 0 });

    [Fact]
    public void Log_UnderSwitcher_IsPrintedAsItIs()
    {
        byte[] log = [.. Enumerable.Repeat("STEP s3 guest=0\n"u8.ToArray(), 4096).SelectMany(line => line)];
        Put("SwitcherLog", log);
        using var output = new MemoryStream();
        Assert.Equal(0, LogVerb.Run(new LinuxFiles(_root), output, TextWriter.Null));
        Assert.Equal(log, output.ToArray());
    }

    [Fact]
    public void Log_WithoutSwitcher_SaysSo()
    {
        using var errors = new StringWriter();
        Assert.Equal(1, LogVerb.Run(new LinuxFiles(_root), Stream.Null, errors));
        Assert.Contains("does not run", errors.ToString(), StringComparison.Ordinal);
    }

    private void Put(string name, byte[] value)
    {
        string folder = Path.Combine(_root, "sys", "firmware", "efi", "efivars");
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, $"{name}-{EfiVariables.SwitcherVendor}"), [6, 0, 0, 0, .. value]);
    }

    private (int Exit, string Output, string Errors) Run()
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        return (StatusVerb.Run(new LinuxFiles(_root), output, errors), output.ToString(), errors.ToString());
    }
}

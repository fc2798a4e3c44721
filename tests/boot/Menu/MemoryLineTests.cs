using System;
using System.Linq;
using System.Text;
using CsCheck;
using Switcher.Boot.Config;
using Switcher.Boot.Menu;
using Switcher.Boot.Plan;
using Xunit;

namespace Switcher.Tests.Boot.Menu;

/// <summary>The menu changes a guest's memory, and leaves alone what the user wrote besides.</summary>
public sealed class MemoryLineTests
{
    private static readonly string[] s_lines =
    [
        "memory=40%", " memory = 6G", "options=quiet memory=1", "initrd=\\initrd.img", "sleep=machine", "clock=local", "nonsense", "", "\r",
    ];

    private static Gen<MemoryRequest> Requests => Gen.OneOf(
        Gen.Const(MemoryRequest.Share), Gen.UInt[1, 100].Select(MemoryRequest.FromPercent),
        Gen.ULong[1, 1 << 20].Select(mebibytes => MemoryRequest.FromBytes(mebibytes << 20)));

    [Fact]
    public void Replace_AnyText_ChangesTheMemoryAlone() =>
        Gen.Select(Gen.Int[0, s_lines.Length - 1].Array[0, 8], Requests).Sample((lines, memory) =>
        {
            byte[] text = Encoding.UTF8.GetBytes(string.Join('\n', lines.Select(i => s_lines[i])));
            byte[] replaced = new byte[text.Length + 32];
            int length = MemoryLine.Replace(text, memory, replaced);
            GuestOptions before = GuestOptions.Parse(text, default, out _);
            GuestOptions after = GuestOptions.Parse(replaced.AsSpan(0, length), default, out _);
            Assert.Equal((memory.Unit, memory.Value), (after.Memory.Unit, after.Memory.Value));
            Assert.Equal((before.HasLoadOptions, before.Sleep, before.KeepsLocalTime),
                (after.HasLoadOptions, after.Sleep, after.KeepsLocalTime));
            Assert.Equal(before.LoadOptions.ToArray(), after.LoadOptions.ToArray());
            Assert.Equal(before.Initrd.ToArray(), after.Initrd.ToArray());
        });

    [Theory]
    [InlineData(0, -1)]
    [InlineData(10, -1)]
    [InlineData(11, 11)]
    public void Replace_IntoLittleRoom_FitsOrSaysSo(int room, int expected) =>
        Assert.Equal(expected, MemoryLine.Replace(default, MemoryRequest.FromPercent(40), new byte[room]));
}

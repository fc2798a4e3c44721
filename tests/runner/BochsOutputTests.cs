using System;
using System.IO;
using System.Text;
using System.Threading.Tasks;
using Switcher.Runner.Emulators;
using Xunit;

namespace Switcher.Tests.Runner;

public class BochsOutputTests
{
    private const string Banner = "=====\n     Bochs x86 Emulator 3.0\n    a = b\n=====\n";

    [Theory]
    [InlineData("STEP firmware version=\"Switcher\"\nSTEP config\n")]
    [InlineData("=====\n=====\n=====\n")]
    [InlineData("")]
    public async Task BochsOutput_BannerAndDebugPort_GivesTheDebugPort(string said)
        => Assert.Equal(said, await ReadAsync(Banner + said, 4096));

    [Fact]
    public async Task BochsOutput_InSmallPieces_LosesNothing()
    {
        for (int size = 1; size < Banner.Length + 2; size++)
            Assert.Equal("STEP off\n", await ReadAsync(Banner + "STEP off\n", size));
    }

    private static async Task<string> ReadAsync(string output, int size)
    {
        await using var stream = new BochsOutput(new MemoryStream(Encoding.ASCII.GetBytes(output)));
        var text = new StringBuilder();
        byte[] buffer = new byte[size];
        while (await stream.ReadAsync(buffer) is var count && count > 0)
            text.Append(Encoding.ASCII.GetString(buffer.AsSpan(0, count)));
        return text.ToString();
    }
}

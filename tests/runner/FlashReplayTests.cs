using System;
using System.IO;
using System.Linq;
using CsCheck;
using Switcher.Runner.Flash;
using Xunit;

namespace Switcher.Tests.Runner;

public class FlashReplayTests
{
    private const int Sectors = 8;

    [Fact]
    public void FlashReplay_AnyWrites_GiveTheFlashAfterEachOfThem() =>
        Gen.Select(Gen.Int[0, Sectors - 1], Gen.Byte).Array[1, 20].Sample(writes =>
        {
            using FlashWriteLog log = Log([.. writes.Select(write => ((ulong)write.Item1, LogOfWrites.Sector(write.Item2)))]);
            byte[] expected = new byte[Sectors * 512];
            var replay = new FlashReplay(log, expected);
            foreach ((int sector, byte value) in writes)
            {
                int end = (sector + 1) * 512;
                int first = expected[sector * 512] == value ? end : sector * 512;
                expected.AsSpan(sector * 512, 512).Fill(value);
                Assert.Equal(first..end, replay.Step());
                Assert.Equal(expected, replay.Store);
            }

            Assert.Equal(writes.Length, replay.Position);
            var again = new FlashReplay(log, new byte[Sectors * 512]);
            again.AdvanceTo(writes.Length);
            Assert.Equal(expected, again.Store);
        });

    [Fact]
    public void FlashReplay_OneByteOfASectorChanges_IsFound()
    {
        byte[] data = new byte[512];
        data[100] = 1;
        using FlashWriteLog log = Log([(1, data)]);
        Assert.Equal(612..613, new FlashReplay(log, new byte[Sectors * 512]).Step());
    }

    [Theory]
    [InlineData(Sectors)]
    [InlineData(1ul << 40)]
    public void FlashReplay_WriteBehindTheFlash_IsRefused(ulong sector)
    {
        using FlashWriteLog log = Log([(sector, LogOfWrites.Sector(1))]);
        var replay = new FlashReplay(log, new byte[Sectors * 512]);
        Assert.Throws<InvalidDataException>(() => replay.Step());
    }

    private static FlashWriteLog Log((ulong Sector, byte[] Data)[] writes) =>
        FlashWriteLog.Read(new MemoryStream(LogOfWrites.Make(writes)));
}

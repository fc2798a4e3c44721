using System;
using System.Buffers.Binary;
using System.IO;
using System.Linq;
using CsCheck;
using Switcher.Runner.Flash;
using Xunit;

namespace Switcher.Tests.Runner;

public class FlashWriteLogTests
{
    private static readonly byte[] s_log = LogOfWrites.Make((3ul, LogOfWrites.Sector(1)), (0ul, []), (5ul, LogOfWrites.Sector(2)));

    [Fact]
    public void FlashWriteLog_WritesAndAFlush_AreReadInOrder()
    {
        using FlashWriteLog log = Read(s_log);
        Assert.Equal([(3 * 512L, 512), (0, 0), (5 * 512L, 512)], log.Writes.Select(write => (write.Offset, write.Length)));
        byte[] data = new byte[512];
        log.ReadData(log.Writes[2], data);
        Assert.Equal(LogOfWrites.Sector(2), data);
    }

    [Fact]
    public void FlashWriteLog_OfARunningMachine_IsCounted()
    {
        string file = Path.GetTempFileName();
        Assert.Equal(0, FlashWriteLog.Count(file));
        using (FileStream machine = new(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            machine.Write(s_log);
            machine.Flush();
            Assert.Equal(3, FlashWriteLog.Count(file));
        }

        File.Delete(file);
    }

    [Fact]
    public void FlashWriteLog_Truncated_IsRefused()
    {
        for (int length = 0; length < s_log.Length; length++)
            Assert.Throws<InvalidDataException>(() => Read(s_log[..length]));
    }

    [Theory]
    [InlineData(0, 1ul)]                                    // not the magic number
    [InlineData(8, 2ul)]                                    // another version
    [InlineData(16, 4ul)]                                   // more writes than there are
    [InlineData(16, ulong.MaxValue)]
    [InlineData(24, 0ul)]                                   // no sector size
    [InlineData(24, 513ul)]
    [InlineData(24, 0x8000_0000ul)]
    [InlineData(512, ulong.MaxValue)]                       // a sector behind every flash
    [InlineData(512 + 8, 1000ul)]                           // more data than there are
    [InlineData(512 + 8, ulong.MaxValue)]
    [InlineData(512 + 16, 4ul)]                             // a discard
    [InlineData(512 + 16, 8ul)]                             // a mark
    public void FlashWriteLog_FieldIsWrong_IsRefused(int offset, ulong value)
    {
        byte[] log = [.. s_log];
        BinaryPrimitives.WriteUInt64LittleEndian(log.AsSpan(offset), value);
        Assert.Throws<InvalidDataException>(() => Read(log));
    }

    [Fact]
    public void FlashWriteLog_Garbage_IsReadOrRefused() =>
        Gen.Select(Gen.Byte.Array[0, 80], Gen.Int[0, 1100]).Sample((garbage, offset) =>
        {
            byte[] log = [.. s_log];
            garbage.AsSpan(0, Math.Min(garbage.Length, log.Length - offset)).CopyTo(log.AsSpan(offset));
            try
            {
                using FlashWriteLog read = Read(log);
                Assert.All(read.Writes, write => read.ReadData(write, new byte[write.Length]));
            }
            catch (InvalidDataException)
            {
                // Said in words.
            }
        });

    private static FlashWriteLog Read(byte[] log) => FlashWriteLog.Read(new MemoryStream(log));
}

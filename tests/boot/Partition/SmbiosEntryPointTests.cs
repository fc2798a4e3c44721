using System;
using System.Buffers.Binary;
using System.Linq;
using CsCheck;
using Switcher.Boot.Partition;
using Xunit;

namespace Switcher.Tests.Boot.Partition;

public class SmbiosEntryPointTests
{
    [Fact]
    public void EntryPoint32_WithRightChecksums_IsRead()
    {
        Assert.True(SmbiosEntryPoint.TryRead(EntryPoint32(), out int size, out ulong table, out uint length));
        Assert.Equal((0x1F, 0x7F986000ul, 0x1A2u), (size, table, length));
    }

    [Fact]
    public void EntryPoint64_WithTableAboveFourGigabytes_IsRead()
    {
        Assert.True(SmbiosEntryPoint.TryRead(EntryPoint64(), out int size, out ulong table, out uint length));
        Assert.Equal((0x18, 0x1_2345_6000ul, 0x1000u), (size, table, length));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void EntryPoint_PointedAtACopy_IsValidAndKeepsTheRest(bool wide)
    {
        byte[] original = wide ? EntryPoint64() : EntryPoint32();
        byte[] moved = original.ToArray();
        SmbiosEntryPoint.MoveTable(moved, 0x1234000);

        Assert.True(SmbiosEntryPoint.TryRead(moved, out _, out ulong table, out _));
        Assert.Equal(0x1234000ul, table);
        int[] changeable = wide ? [5, .. Enumerable.Range(0x10, 8)] : [4, 0x15, .. Enumerable.Range(0x18, 4)];
        Assert.All(Enumerable.Range(0, original.Length).Except(changeable), i => Assert.Equal(original[i], moved[i]));
    }

    [Fact]
    public void EntryPoint_WithOneByteWrong_IsRefused()
    {
        foreach (byte[] entry in new[] { EntryPoint32(), EntryPoint64() })
        {
            for (int i = 0; i < entry.Length; i++)
            {
                byte[] wrong = entry.ToArray();
                wrong[i] ^= 0x21;
                Assert.False(SmbiosEntryPoint.TryRead(wrong, out _, out _, out _), $"byte {i}");
            }
        }
    }

    [Fact]
    public void EntryPoint_OfAnyBytes_NeverThrows() => Gen.Byte.Array[0, 40].Sample(bytes =>
    {
        foreach (byte[] anchor in new[] { "_SM_"u8.ToArray(), "_SM3_"u8.ToArray(), [] })
        {
            byte[] entry = [.. anchor, .. bytes];
            SmbiosEntryPoint.TryRead(entry, out _, out _, out _);
        }
    });

    private static byte[] EntryPoint32()
    {
        byte[] entry = new byte[0x1F];
        "_SM_"u8.CopyTo(entry);
        entry[5] = 0x1F;
        entry[6] = 2;
        entry[7] = 8;
        "_DMI_"u8.CopyTo(entry.AsSpan(0x10));
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(0x16), 0x1A2);
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(0x18), 0x7F986000);
        entry[0x15] = (byte)-entry.Skip(0x10).Sum(b => b);
        entry[4] = (byte)-entry.Sum(b => b);
        return entry;
    }

    private static byte[] EntryPoint64()
    {
        byte[] entry = new byte[0x18];
        "_SM3_"u8.CopyTo(entry);
        entry[6] = 0x18;
        entry[7] = 3;
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(0x0C), 0x1000);
        BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(0x10), 0x1_2345_6000);
        entry[5] = (byte)-entry.Sum(b => b);
        return entry;
    }
}

using System;
using System.Linq;
using CsCheck;
using Switcher.Hv.Trace;
using Xunit;

namespace Switcher.Tests.Hv.Trace;

public class LogRingTests
{
    [Fact]
    public void Ring_Overwritten_KeepsTheLastBytesInOrder()
        => Gen.Select(Gen.Byte.Array[1, 40], Gen.Byte.Array[0, 60].Array[0, 10]).Sample((ring, lines) =>
    {
        ulong written = 0;
        foreach (byte[] line in lines)
            LogRing.Append(ring, ref written, line);
        byte[] all = lines.SelectMany(line => line).ToArray();
        int kept = Math.Min(all.Length, ring.Length);
        return written == (ulong)all.Length
            && Enumerable.Range(all.Length - kept, kept).All(n => ring[n % ring.Length] == all[n]);
    });

    /// <summary>The copy ends with the last line and begins with one; one more would not have fitted or is not whole any more.</summary>
    [Fact]
    public void CopyLines_AnyLines_GivesTheLatestWholeOnesThatFit()
        => Gen.Select(Gen.Int[1, 60], Gen.Int[0, 80], Gen.Int[0, 12].Array[0, 15]).Sample((length, room, lengths) =>
    {
        byte[] ring = new byte[length];
        ulong written = 0;
        byte[][] lines = lengths.Select((count, i) => Enumerable.Repeat((byte)('a' + i), count).Append((byte)'\n').ToArray()).ToArray();
        foreach (byte[] line in lines)
            LogRing.Append(ring, ref written, line);
        byte[] destination = new byte[room];
        int copied = LogRing.CopyLines(ring, written, destination);

        // Of a full ring's oldest byte nobody knows what was before it.
        int most = Math.Min(room, written <= (ulong)length ? length : length - 1);
        int expected = 0;
        foreach (byte[] line in lines.Reverse())
        {
            if (expected + line.Length > most)
                break;
            expected += line.Length;
        }
        byte[] all = lines.SelectMany(line => line).ToArray();
        return copied == expected && destination.AsSpan(0, copied).SequenceEqual(all.AsSpan(all.Length - expected));
    });
}

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
}

using System;
using System.Collections.Generic;

namespace Switcher.Tests.Hv.Machine;

/// <summary>The RAM of a <see cref="FakeMachine"/>: a few regions, each an array. A touch of anything else is the test's failure.</summary>
internal sealed class FakeRam
{
    private readonly List<Region> _regions = [];

    public void Add(ulong start, int length) => _regions.Add(new Region(start, new byte[length]));

    public bool Contains(ulong address, int length) => TryFind(address, length, out _);

    public Span<byte> Bytes(ulong address, int length)
        => TryFind(address, length, out Region region)
            ? region.Bytes.AsSpan((int)(address - region.Start), length)
            : throw new InvalidOperationException($"the hypervisor touched {length} bytes at 0x{address:x}, where no RAM is");

    private bool TryFind(ulong address, int length, out Region found)
    {
        foreach (Region region in _regions)
        {
            ulong offset = address - region.Start;
            if (offset < (ulong)region.Bytes.Length && (ulong)length <= (ulong)region.Bytes.Length - offset)
            {
                found = region;
                return true;
            }
        }
        found = default;
        return false;
    }

    private readonly record struct Region(ulong Start, byte[] Bytes);
}

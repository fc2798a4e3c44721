using System;
using System.Collections.Generic;
using System.Linq;

namespace Switcher.Tests.Hv.Machine;

/// <summary>
/// PCI functions behind configuration mechanism 1. What is behind a bridge is found only while the bridge is in D0 and knows its bus.
/// </summary>
internal sealed class FakePci
{
    public List<FakePciFunction> Functions { get; } = [];

    /// <summary>Writes that reached a function.</summary>
    public List<(FakePciFunction Function, int Offset, int Size, uint Value)> Writes { get; } = [];

    public FakePciFunction Add(FakePciFunction function)
    {
        Functions.Add(function);
        return function;
    }

    public uint Read(uint address, int offset, int size)
    {
        FakePciFunction? function = Find(address);
        return function is null ? (uint)((1UL << (8 * size)) - 1) : function.Read((int)(address & 0xFC) + offset, size);
    }

    public void Write(uint address, int offset, int size, uint value)
    {
        if (Find(address) is not FakePciFunction function)
            return;
        Writes.Add((function, (int)(address & 0xFC) + offset, size, value));
        function.Write((int)(address & 0xFC) + offset, size, value);
    }

    private FakePciFunction? Find(uint address)
    {
        if ((address & 0x8000_0000) == 0)
            return null;
        int bus = (int)((address >> 16) & 0xFF);
        int slot = (int)((address >> 8) & 0xFF);
        return Functions.FirstOrDefault(f => f.Slot == slot && IsOn(f, bus));
    }

    private static bool IsOn(FakePciFunction function, int bus)
    {
        FakePciFunction? bridge = function.Parent;
        if (bridge is null)
            return bus == 0;
        return bridge.SecondaryBus == bus && bridge.PowerState == 0 && bus != 0 && IsOn(bridge, bridge.PrimaryBus);
    }
}

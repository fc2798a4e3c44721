using System.Collections.Generic;
using System.Linq;

namespace Switcher.Tests.Hv.Machine;

/// <summary>One of the two 8259A interrupt controllers: data sheet, initialization and operation command words.</summary>
internal sealed class FakePic
{
    private int _wordsToCome;

    public byte Mask { get; set; }

    public byte InService { get; set; }

    public byte Requested { get; set; }

    public bool IsQuiet => Mask == 0xFF && InService == 0 && Requested == 0 && _wordsToCome == 0;

    public void WriteCommand(byte value)
    {
        if ((value & 0x10) == 0)
            return;
        _wordsToCome = (value & 1) != 0 ? 3 : 2;
        Mask = 0;
        InService = 0;
        Requested = 0;
    }

    public void WriteData(byte value)
    {
        if (_wordsToCome != 0)
            _wordsToCome--;
        else
            Mask = value;
    }
}

/// <summary>An I/O APIC with 24 redirection entries: 82093AA data sheet, 3.</summary>
internal sealed class FakeIoApic
{
    private const uint Masked = 1 << 16;
    private const uint LevelTriggered = 1 << 15;
    private const uint RemoteIrr = 1 << 14;
    private const uint ReadOnly = RemoteIrr | (1 << 12);
    private uint _index;

    public FakeIoApic() => Entries = Enumerable.Repeat<ulong>(Masked, 24).ToArray();

    public ulong[] Entries { get; }

    public bool IsQuiet => Entries.All(entry => (entry & Masked) != 0 && (entry & RemoteIrr) == 0);

    public uint Read(uint offset)
    {
        if (offset != 0x10)
            return _index;
        if (_index == 1)
            return 0x0017_0011;
        return _index is >= 0x10 and < 0x40 ? (uint)(Entries[(_index - 0x10) / 2] >> (32 * (int)(_index & 1))) : 0;
    }

    public void Write(uint offset, uint value)
    {
        if (offset != 0x10)
        {
            _index = value & 0xFF;
            return;
        }
        if (_index is < 0x10 or >= 0x40)
            return;
        ref ulong entry = ref Entries[(_index - 0x10) / 2];
        if ((_index & 1) != 0)
        {
            entry = (uint)entry | ((ulong)value << 32);
            return;
        }

        // Remote IRR goes when the entry becomes edge-triggered.
        uint kept = (value & LevelTriggered) != 0 ? (uint)entry & ReadOnly : 0;
        entry = (entry & 0xFFFF_FFFF_0000_0000) | (value & ~ReadOnly) | kept;
    }
}

/// <summary>A high precision event timer with three timers: IA-PC HPET 1.0a, 2.3.</summary>
internal sealed class FakeHpet
{
    private readonly Dictionary<uint, uint> _registers = new()
    {
        [0x000] = 0x8086_A201,
        [0x010] = 3,
        [0x100] = 0x8034,
        [0x120] = 0x8004,
        [0x140] = 0x8004 | (1 << 14),
    };

    public uint this[uint offset]
    {
        get => _registers.GetValueOrDefault(offset);
        set => _registers[offset] = value;
    }

    /// <summary>No legacy replacement, and no timer may interrupt, neither by a line nor by a message.</summary>
    public bool IsQuiet => (this[0x010] & 2) == 0
        && new[] { 0x100u, 0x120u, 0x140u }.All(timer => (this[timer] & ((1 << 2) | (1 << 14))) == 0);
}

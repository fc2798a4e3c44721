using System;
using System.Buffers.Binary;

namespace Switcher.Acpi;

/// <summary>One range of buses that is reached through memory (PCI Firmware Specification 3.3, table 4-3).</summary>
public readonly struct McfgAllocation
{
    internal McfgAllocation(ReadOnlySpan<byte> bytes)
    {
        BaseAddress = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        SegmentGroup = BinaryPrimitives.ReadUInt16LittleEndian(bytes.Slice(8));
        StartBus = bytes[10];
        EndBus = bytes[11];
    }

    /// <summary>Physical address of bus 0 of the segment (not of <see cref="StartBus"/>): a function's page is base + bus * 1 MiB + ...</summary>
    public ulong BaseAddress { get; }
    public ushort SegmentGroup { get; }
    public byte StartBus { get; }

    /// <summary>Last bus, included.</summary>
    public byte EndBus { get; }
}

/// <summary>PCI Express memory-mapped configuration space (PCI Firmware Specification 3.3, 4.1.2 "MCFG Table Description").</summary>
public readonly ref struct Mcfg
{
    private const int FirstEntryOffset = 44;
    private const int EntrySize = 16;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <param name="bytes">The whole table; one too short for its fixed part has no entries.</param>
    public Mcfg(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public int Count => _bytes.Length < FirstEntryOffset ? 0 : (_bytes.Length - FirstEntryOffset) / EntrySize;

    public McfgAllocation this[int index] => new(_bytes.Slice(FirstEntryOffset + index * EntrySize, EntrySize));
}

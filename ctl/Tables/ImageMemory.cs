using System;
using System.Collections.Generic;
using Switcher.Acpi;

namespace Switcher.Ctl.Tables;

/// <summary>Physical memory made of pieces, each a table of a dump at the address where it was or could have been.</summary>
public readonly struct ImageMemory : IAcpiMemory
{
    private readonly SortedList<ulong, byte[]>? _pieces;

    private ImageMemory(SortedList<ulong, byte[]> pieces) => _pieces = pieces;

    public static ImageMemory Create() => new([]);

    /// <summary>Adds a piece; false when it would overlap another.</summary>
    public bool TryAdd(ulong address, byte[] bytes)
    {
        if (_pieces == null || bytes.Length == 0 || address > ulong.MaxValue - (ulong)bytes.Length)
            return false;
        int before = FindLast(address);
        if (before >= 0 && _pieces.Keys[before] + (ulong)_pieces.Values[before].Length > address)
            return false;
        if (before + 1 < _pieces.Count && _pieces.Keys[before + 1] < address + (ulong)bytes.Length)
            return false;
        _pieces.Add(address, bytes);
        return true;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Map(ulong physicalAddress, int length)
    {
        int index = FindLast(physicalAddress);
        if (index < 0 || _pieces == null || length <= 0)
            return default;
        byte[] piece = _pieces.Values[index];
        ulong offset = physicalAddress - _pieces.Keys[index];
        return offset < (ulong)piece.Length && length <= piece.Length - (int)offset ? piece.AsSpan((int)offset, length) : default;
    }

    /// <summary>Index of the last piece that begins at or before an address, or -1.</summary>
    private int FindLast(ulong address)
    {
        int low = 0;
        int high = _pieces?.Count ?? 0;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_pieces!.Keys[middle] <= address)
                low = middle + 1;
            else
                high = middle;
        }
        return low - 1;
    }
}

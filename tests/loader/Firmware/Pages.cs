using System;
using System.Collections.Generic;
using System.Linq;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Loader.Firmware;

/// <summary>The firmware's pages and pool: UEFI 2.10, 7.2 "Memory Allocation Services".</summary>
internal sealed class Pages
{
    private const ulong PageSize = 4096;

    private readonly Dictionary<ulong, ulong> _pool = [];
    private List<(ulong Start, ulong End, MemoryType Type)> _ranges;
    private readonly ulong _highest;
    private ulong _nextPool;

    /// <param name="ram">Free RAM, in any order; who asks for pages anywhere gets them below the pool's end.</param>
    /// <param name="poolStart">First address of the pool.</param>
    /// <param name="poolLength">Its bytes.</param>
    public Pages(IEnumerable<(ulong Start, ulong Length)> ram, ulong poolStart, ulong poolLength)
    {
        _ranges = ram.Select(r => (r.Start, r.Start + r.Length, MemoryType.Conventional))
            .Append((poolStart, poolStart + poolLength, MemoryType.BootServicesData)).Order().ToList();
        _nextPool = poolStart;
        _highest = poolStart + poolLength - 1;
    }

    /// <summary>Changes with every change of the map.</summary>
    public ulong Key { get; private set; } = 1000;

    /// <summary>Pool blocks that nobody has freed.</summary>
    public int PoolBlocks => _pool.Count;

    /// <summary>Pages that are not free, with their types.</summary>
    public string Used => string.Join(
        ' ', _ranges.Where(r => r.Type != MemoryType.Conventional).Select(r => $"{r.Start:x}-{r.End:x}:{r.Type}"));

    public EfiStatus Allocate(AllocateType how, MemoryType type, ulong count, ref ulong address)
    {
        if (type == MemoryType.Conventional || (type > MemoryType.PalCode && (uint)type < 0x7000_0000) || how > AllocateType.Address)
            return EfiStatus.InvalidParameter;
        ulong start = address;
        if (how == AllocateType.Address)
        {
            if (start % PageSize != 0 || count == 0 || !Covers(start, start + (count * PageSize), t => t == MemoryType.Conventional))
                return EfiStatus.NotFound;
        }
        else if (!TryFind(count, how == AllocateType.MaxAddress ? address : _highest, out start))
            return EfiStatus.OutOfResources;
        Convert(start, start + (count * PageSize), type);
        address = start;
        return EfiStatus.Success;
    }

    public EfiStatus Free(ulong address, ulong count)
    {
        if (address % PageSize != 0 || count == 0)
            return EfiStatus.InvalidParameter;
        if (!Covers(address, address + (count * PageSize), t => t != MemoryType.Conventional))
            return EfiStatus.NotFound;
        Convert(address, address + (count * PageSize), MemoryType.Conventional);
        return EfiStatus.Success;
    }

    public ulong AllocatePool(ulong size)
    {
        ulong address = _nextPool;
        _nextPool += (size + 31) / 16 * 16;
        _pool[address] = size;
        return address;
    }

    public EfiStatus FreePool(ulong address) => _pool.Remove(address) ? EfiStatus.Success : EfiStatus.InvalidParameter;

    public IEnumerable<MemoryDescriptor> Descriptors() => _ranges.Select(r => new MemoryDescriptor
    {
        Type = r.Type,
        PhysicalStart = r.Start,
        NumberOfPages = (r.End - r.Start) / PageSize,
        Attribute = MemoryAttributes.WriteBack,
    });

    private bool Covers(ulong start, ulong end, Func<MemoryType, bool> isRight)
    {
        ulong next = start;
        foreach ((ulong from, ulong to, MemoryType type) in _ranges)
        {
            if (from <= next && next < to && next < end && isRight(type))
                next = to;
        }

        return next >= end;
    }

    private bool TryFind(ulong count, ulong maximum, out ulong start)
    {
        start = 0;
        foreach ((ulong from, ulong to, MemoryType type) in _ranges.AsEnumerable().Reverse())
        {
            ulong end = Math.Min(to, (maximum + 1) / PageSize * PageSize);
            if (type != MemoryType.Conventional || count == 0 || end < from || (end - from) / PageSize < count)
                continue;
            start = end - (count * PageSize);
            return true;
        }

        return false;
    }

    private void Convert(ulong start, ulong end, MemoryType type)
    {
        var pieces = new List<(ulong Start, ulong End, MemoryType Type)> { (start, end, type) };
        foreach ((ulong from, ulong to, MemoryType old) in _ranges)
        {
            if (from < Math.Min(to, start))
                pieces.Add((from, Math.Min(to, start), old));
            if (Math.Max(from, end) < to)
                pieces.Add((Math.Max(from, end), to, old));
        }

        pieces.Sort();
        _ranges = [];
        foreach ((ulong Start, ulong End, MemoryType Type) piece in pieces)
        {
            if (_ranges.Count > 0 && _ranges[^1].End == piece.Start && _ranges[^1].Type == piece.Type)
                _ranges[^1] = (_ranges[^1].Start, piece.End, piece.Type);
            else
                _ranges.Add(piece);
        }

        Key++;
    }
}

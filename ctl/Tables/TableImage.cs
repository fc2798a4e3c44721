using System;
using System.Collections.Generic;
using System.Linq;
using Switcher.Acpi;

namespace Switcher.Ctl.Tables;

/// <summary>
/// Puts the tables of a dump back into a memory in which the library finds them as firmware left them. Dumps made through <c>/dev/mem</c>
/// have addresses and root tables, which are used as they are. Those made from a running Linux's sysfs have neither: then the DSDT and the
/// FACS go where the FADT says they are, the rest where there is room, and an RSDP and an XSDT are made for them.
/// </summary>
public sealed class TableImage
{
    /// <summary>Where tables without an address go, unless another table is there: below 4 GiB, so that an RSDT could name them.</summary>
    private const ulong FreeAddress = 0xC0000000;

    private readonly ImageMemory _memory = ImageMemory.Create();
    private readonly TableLabels _labels = new();
    private readonly Dictionary<DumpedTable, ulong> _places = new(ReferenceEqualityComparer.Instance);
    private ulong _free = FreeAddress;

    public TableImage(IReadOnlyList<DumpedTable> tables)
    {
        tables = [.. tables.Where(table => table.Bytes.Length != 0)];
        TableCount = tables.Count;
        foreach (DumpedTable table in tables)
        {
            if (table.Address != 0 && _memory.TryAdd(table.Address, table.Bytes))
                _places[table] = table.Address;
        }
        PlacePointedTo(tables);
        FacsCount = CountFacs(tables);
        RsdpAddress = FindRoot(tables) ?? MakeRoot(tables);
        foreach (DumpedTable table in tables)
        {
            if (_places.TryGetValue(table, out ulong address))
                _labels.Add(table, address);
        }
    }

    public ImageMemory Memory => _memory;
    public ulong RsdpAddress { get; }

    /// <summary>How many FACS the dump holds; several at the same known address count once.</summary>
    public int FacsCount { get; }

    /// <summary>How many tables the dump holds.</summary>
    public int TableCount { get; }

    /// <summary>What to call the table at an address: its signature, with a number where there are several.</summary>
    public string LabelOf(ulong address, Signature signature) => _labels.Of(address) ?? TableLabels.TextOf(signature);

    private static int CountFacs(IReadOnlyList<DumpedTable> tables)
    {
        int count = 0;
        HashSet<ulong> seen = [];
        foreach (DumpedTable table in tables)
        {
            if (table.Signature == "FACS" && (table.Address == 0 || seen.Add(table.Address)))
                count++;
        }
        return count;
    }

    /// <summary>A DSDT or FACS without an address goes where the FADT that counts, the last one, looks for it.</summary>
    private void PlacePointedTo(IReadOnlyList<DumpedTable> tables)
    {
        DumpedTable? last = null;
        foreach (DumpedTable table in tables)
        {
            if (table.Signature == "FACP" && table.Bytes.Length >= Fadt.Length1)
                last = table;
        }
        if (last == null)
            return;
        Fadt fadt = new(last.Bytes);
        Queue<ulong> facsAddresses = new([fadt.FacsAddress, fadt.FirmwareCtrl]);
        foreach (DumpedTable table in tables)
        {
            if (table.Signature == "DSDT")
                PlaceAt(table, fadt.DsdtAddress);
            while (table.Signature == "FACS" && !_places.ContainsKey(table) && facsAddresses.TryDequeue(out ulong address))
                PlaceAt(table, address);
        }
    }

    private void PlaceAt(DumpedTable table, ulong address)
    {
        if (address != 0 && _memory.TryAdd(address, table.Bytes))
            _places[table] = address;
    }

    private ulong PlaceAnywhere(byte[] bytes)
    {
        while (!_memory.TryAdd(_free, bytes))
            _free += 0x1000;
        ulong address = _free;
        _free += ((ulong)bytes.Length + 0xFF) & ~0xFFul;
        return address;
    }

    /// <summary>The dump's own root, if it leads to a FADT of the dump's; gives the address of an RSDP for it.</summary>
    private ulong? FindRoot(IReadOnlyList<DumpedTable> tables)
    {
        ulong rsdt = 0;
        ulong xsdt = 0;
        DumpedTable? pointer = null;
        foreach (DumpedTable table in tables)
        {
            if (table.Signature == "RSD PTR" && table.Bytes.Length >= Rsdp.Length1)
                pointer ??= table;
            else if (table.Signature == "RSDT" && rsdt == 0 && LeadsToFadt(tables, table, sizeof(uint)))
                rsdt = table.Address;
            else if (table.Signature == "XSDT" && xsdt == 0 && LeadsToFadt(tables, table, sizeof(ulong)))
                xsdt = table.Address;
        }
        if (rsdt == 0 && xsdt == 0)
            return null;
        if (pointer != null && _places.TryGetValue(pointer, out ulong place))
            return place;
        return PlaceAnywhere(RootMaker.Pointer(xsdt != 0, xsdt, (uint)rsdt));
    }

    private bool LeadsToFadt(IReadOnlyList<DumpedTable> tables, DumpedTable root, int entrySize)
    {
        if (!_places.ContainsKey(root))
            return false;
        foreach (DumpedTable table in tables)
        {
            if (table.Signature == "FACP" && _places.TryGetValue(table, out ulong address)
                && RootMaker.Lists(root.Bytes, entrySize, address))
                return true;
        }
        return false;
    }

    /// <summary>A root table over everything that a root table lists; an RSDT where the dump's RSDP is that of ACPI 1.0.</summary>
    private ulong MakeRoot(IReadOnlyList<DumpedTable> tables)
    {
        bool isXsdt = true;
        List<ulong> entries = [];
        foreach (DumpedTable table in tables)
        {
            if (table.Signature == "RSD PTR")
                isXsdt = table.Bytes.Length <= Rsdp.RevisionOffset || table.Bytes[Rsdp.RevisionOffset] >= 2;
            if (table.Signature is "RSD PTR" or "RSDT" or "XSDT" or "DSDT" or "FACS")
                continue;
            if (!_places.TryGetValue(table, out ulong address))
                _places[table] = address = PlaceAnywhere(table.Bytes);
            entries.Add(address);
        }
        ulong root = PlaceAnywhere(RootMaker.Table(isXsdt, entries));
        return PlaceAnywhere(RootMaker.Pointer(isXsdt, isXsdt ? root : 0, isXsdt ? 0 : (uint)root));
    }
}

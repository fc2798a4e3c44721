using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;
using Switcher.Acpi;

namespace Switcher.Ctl.Tables;

/// <summary>
/// Puts the tables of a dump back into a memory in which the library finds them as firmware would have left them: the DSDT and the FACS where
/// the FADT says they are, the rest where there is room, and an RSDP and an XSDT in front. Dumps made from a running Linux have neither root
/// tables nor addresses.
/// </summary>
public sealed class TableImage
{
    /// <summary>Where tables without an address go, unless another table is there: below 4 GiB, so that an RSDT could name them.</summary>
    private const ulong FreeAddress = 0xC0000000;

    private readonly ImageMemory _memory = ImageMemory.Create();
    private readonly Dictionary<ulong, string> _labels = [];
    private ulong _free = FreeAddress;

    public TableImage(IReadOnlyList<DumpedTable> tables)
    {
        List<DumpedTable> listed = [];
        byte[] fadt = [];
        TableCount = tables.Count;
        foreach (DumpedTable table in tables)
        {
            if (table.Signature.StartsWith("RSD PTR", StringComparison.Ordinal) && table.Bytes.Length > Rsdp.RevisionOffset)
                RsdpRevision = table.Bytes[Rsdp.RevisionOffset];
            else if (table.Signature == "FACS")
                FacsCount += IsNewFacs(tables, table) ? 1 : 0;
            else if (table.Signature is not ("XSDT" or "RSDT" or "DSDT"))
                listed.Add(table);
            if (table.Signature == "FACP" && table.Bytes.Length >= Fadt.Length1)
                fadt = table.Bytes;
        }
        PlacePointedTo(tables, fadt);
        List<ulong> entries = [];
        foreach (DumpedTable table in listed)
            entries.Add(Place(table.Bytes, table.Address));
        LabelEntries(listed, entries);
        RsdpAddress = Place(RootPointer(Place(Root(entries), 0)), 0);
    }

    public ImageMemory Memory => _memory;
    public ulong RsdpAddress { get; }

    /// <summary>Revision of the dump's own RSDP; 2 where it has none.</summary>
    public byte RsdpRevision { get; } = 2;

    /// <summary>How many FACS the dump holds; two at the same known address count once.</summary>
    public int FacsCount { get; }

    /// <summary>How many tables the dump holds.</summary>
    public int TableCount { get; }

    /// <summary>What to call the table at an address: its signature, with a number where there are several.</summary>
    public string LabelOf(ulong address, Signature signature) =>
        _labels.TryGetValue(address, out string? label) ? label : TextOf(signature);

    /// <summary>A signature as text, unprintable characters as dots.</summary>
    public static string TextOf(Signature signature) => string.Create(4, signature.Value, static (text, value) =>
    {
        for (int i = 0; i < 4; i++)
            text[i] = (char)(byte)(value >> (8 * i)) is >= ' ' and <= '~' and char printable ? printable : '.';
    });

    private void LabelEntries(List<DumpedTable> tables, List<ulong> addresses)
    {
        Dictionary<string, int> totals = [];
        Dictionary<string, int> seen = [];
        foreach (DumpedTable table in tables)
            totals[table.Signature] = totals.GetValueOrDefault(table.Signature) + 1;
        for (int i = 0; i < tables.Count; i++)
        {
            string signature = tables[i].Signature;
            int number = seen[signature] = seen.GetValueOrDefault(signature) + 1;
            string label = totals[signature] == 1 ? signature : $"{signature} {number}";
            string name = tables[i].Bytes.Length < 24 ? "" : OemTableId(tables[i].Bytes);
            _labels[addresses[i]] = name.Length == 0 ? label : $"{label} (\"{name}\")";
        }
    }

    private static string OemTableId(byte[] table)
    {
        StringBuilder text = new();
        foreach (byte value in new Sdt(table).OemTableId)
        {
            if (value is >= 0x20 and <= 0x7E)
                text.Append((char)value);
        }
        return text.ToString().Trim();
    }

    private static bool IsNewFacs(IReadOnlyList<DumpedTable> tables, DumpedTable facs)
    {
        foreach (DumpedTable other in tables)
        {
            if (ReferenceEquals(other, facs))
                return true;
            if (other.Signature == "FACS" && other.Address == facs.Address && facs.Address != 0)
                return false;
        }
        return true;
    }

    /// <summary>The DSDT and the FACS go where the FADT that counts, the last one, looks for them.</summary>
    private void PlacePointedTo(IReadOnlyList<DumpedTable> tables, byte[] bytes)
    {
        if (bytes.Length == 0)
            return;
        Fadt fadt = new(bytes);
        bool hasDsdt = false;
        Queue<ulong> facsAddresses = new([fadt.FacsAddress, fadt.FirmwareCtrl]);
        foreach (DumpedTable table in tables)
        {
            if (table.Signature == "DSDT" && !hasDsdt)
                hasDsdt = fadt.DsdtAddress != 0 && _memory.TryAdd(fadt.DsdtAddress, table.Bytes);
            while (table.Signature == "FACS" && facsAddresses.TryDequeue(out ulong address))
            {
                if (address != 0 && _memory.TryAdd(address, table.Bytes))
                    break;
            }
        }
    }

    private ulong Place(byte[] bytes, ulong address)
    {
        if (address != 0 && _memory.TryAdd(address, bytes))
            return address;
        while (!_memory.TryAdd(_free, bytes))
            _free += 0x1000;
        address = _free;
        _free += ((ulong)bytes.Length + 0xFF) & ~0xFFul;
        return address;
    }

    private byte[] Root(List<ulong> entries)
    {
        int entrySize = RsdpRevision < 2 ? sizeof(uint) : sizeof(ulong);
        byte[] root = new byte[Sdt.HeaderLength + entries.Count * entrySize];
        BinaryPrimitives.WriteUInt32LittleEndian(root, (RsdpRevision < 2 ? Signature.Rsdt : Signature.Xsdt).Value);
        BinaryPrimitives.WriteUInt32LittleEndian(root.AsSpan(Sdt.LengthOffset), (uint)root.Length);
        root[Sdt.RevisionOffset] = 1;
        "DUMPED"u8.CopyTo(root.AsSpan(Sdt.OemIdOffset));
        for (int i = 0; i < entries.Count; i++)
        {
            Span<byte> entry = root.AsSpan(Sdt.HeaderLength + i * entrySize);
            if (entrySize == sizeof(uint))
                BinaryPrimitives.WriteUInt32LittleEndian(entry, (uint)entries[i]);
            else
                BinaryPrimitives.WriteUInt64LittleEndian(entry, entries[i]);
        }
        Checksum.Set(root, Sdt.ChecksumOffset);
        return root;
    }

    private byte[] RootPointer(ulong root)
    {
        byte[] rsdp = new byte[RsdpRevision < 2 ? Rsdp.Length1 : Rsdp.Length2];
        Rsdp.SignatureText.CopyTo(rsdp);
        rsdp[Rsdp.RevisionOffset] = RsdpRevision;
        if (RsdpRevision < 2)
            BinaryPrimitives.WriteUInt32LittleEndian(rsdp.AsSpan(Rsdp.RsdtAddressOffset), (uint)root);
        else
            BinaryPrimitives.WriteUInt64LittleEndian(rsdp.AsSpan(Rsdp.XsdtAddressOffset), root);
        Checksum.Set(rsdp.AsSpan(0, Rsdp.Length1), Rsdp.ChecksumOffset);
        if (RsdpRevision < 2)
            return rsdp;
        BinaryPrimitives.WriteUInt32LittleEndian(rsdp.AsSpan(Rsdp.LengthOffset), Rsdp.Length2);
        Checksum.Set(rsdp, Rsdp.ExtendedChecksumOffset);
        return rsdp;
    }
}

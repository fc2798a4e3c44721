using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using Switcher.Acpi;

namespace Switcher.Ctl.Tables;

/// <summary>Makes the root structures that a dump lacks.</summary>
internal static class RootMaker
{
    /// <summary>An XSDT or RSDT with these entries.</summary>
    public static byte[] Table(bool isXsdt, List<ulong> entries)
    {
        int entrySize = isXsdt ? sizeof(ulong) : sizeof(uint);
        byte[] root = new byte[Sdt.HeaderLength + entries.Count * entrySize];
        BinaryPrimitives.WriteUInt32LittleEndian(root, (isXsdt ? Signature.Xsdt : Signature.Rsdt).Value);
        BinaryPrimitives.WriteUInt32LittleEndian(root.AsSpan(Sdt.LengthOffset), (uint)root.Length);
        root[Sdt.RevisionOffset] = 1;
        "DUMPED"u8.CopyTo(root.AsSpan(Sdt.OemIdOffset));
        for (int i = 0; i < entries.Count; i++)
        {
            Span<byte> entry = root.AsSpan(Sdt.HeaderLength + i * entrySize);
            if (isXsdt)
                BinaryPrimitives.WriteUInt64LittleEndian(entry, entries[i]);
            else
                BinaryPrimitives.WriteUInt32LittleEndian(entry, (uint)entries[i]);
        }
        Checksum.Set(root, Sdt.ChecksumOffset);
        return root;
    }

    /// <summary>An RSDP, of ACPI 1.0 unless there is an XSDT.</summary>
    public static byte[] Pointer(bool isVersion2, ulong xsdt, uint rsdt)
    {
        byte[] rsdp = new byte[isVersion2 ? Rsdp.Length2 : Rsdp.Length1];
        Rsdp.SignatureText.CopyTo(rsdp);
        "DUMPED"u8.CopyTo(rsdp.AsSpan(9));
        BinaryPrimitives.WriteUInt32LittleEndian(rsdp.AsSpan(Rsdp.RsdtAddressOffset), rsdt);
        rsdp[Rsdp.RevisionOffset] = (byte)(isVersion2 ? 2 : 0);
        Checksum.Set(rsdp.AsSpan(0, Rsdp.Length1), Rsdp.ChecksumOffset);
        if (!isVersion2)
            return rsdp;
        BinaryPrimitives.WriteUInt32LittleEndian(rsdp.AsSpan(Rsdp.LengthOffset), Rsdp.Length2);
        BinaryPrimitives.WriteUInt64LittleEndian(rsdp.AsSpan(Rsdp.XsdtAddressOffset), xsdt);
        Checksum.Set(rsdp, Rsdp.ExtendedChecksumOffset);
        return rsdp;
    }

    /// <summary>Whether a root table has an entry with this address.</summary>
    public static bool Lists(ReadOnlySpan<byte> root, int entrySize, ulong address)
    {
        for (int offset = Sdt.HeaderLength; offset + entrySize <= root.Length; offset += entrySize)
        {
            ulong entry = entrySize == sizeof(ulong)
                ? BinaryPrimitives.ReadUInt64LittleEndian(root[offset..])
                : BinaryPrimitives.ReadUInt32LittleEndian(root[offset..]);
            if (entry == address)
                return true;
        }
        return false;
    }
}

namespace Switcher.Efi.Uefi;

/// <summary>EFI_TABLE_HEADER: UEFI 2.10, section 4.2 "EFI Table Header".</summary>
public struct TableHeader
{
    public ulong Signature;

    /// <summary>Major revision in the upper half, ten times the minor one in the lower.</summary>
    public uint Revision;

    /// <summary>Bytes of the whole table, this header included.</summary>
    public uint HeaderSize;

    /// <summary>CRC-32 of the whole table with this field as zero.</summary>
    public uint Crc32;
    public uint Reserved;
}

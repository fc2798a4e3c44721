using System;
using System.Buffers.Binary;

namespace Switcher.Acpi;

/// <summary>Interrupt controller structure types of the MADT that matter on a PC (ACPI 6.5, table 5.20).</summary>
public enum MadtEntryType : byte
{
    LocalApic = 0,
    IoApic = 1,
    InterruptSourceOverride = 2,
    NmiSource = 3,
    LocalApicNmi = 4,
    LocalApicAddressOverride = 5,
    LocalX2Apic = 9,
    LocalX2ApicNmi = 10,
}

/// <summary>One interrupt controller structure; its length has been checked against the table and against its type.</summary>
public readonly ref struct MadtEntry
{
    internal MadtEntry(ReadOnlySpan<byte> bytes) => Bytes = bytes;

    public ReadOnlySpan<byte> Bytes { get; }
    public MadtEntryType Type => (MadtEntryType)Bytes[0];

    /// <summary>Processor of a local APIC or local x2APIC structure; false for every other type.</summary>
    public bool TryGetProcessor(out uint apicId, out bool enabled, out bool onlineCapable)
    {
        bool x2Apic = Type == MadtEntryType.LocalX2Apic;
        if (!x2Apic && Type != MadtEntryType.LocalApic)
        {
            apicId = 0;
            enabled = onlineCapable = false;
            return false;
        }
        apicId = x2Apic ? BinaryPrimitives.ReadUInt32LittleEndian(Bytes.Slice(4)) : Bytes[3];
        uint flags = BinaryPrimitives.ReadUInt32LittleEndian(Bytes.Slice(x2Apic ? 8 : 4));
        enabled = (flags & 1) != 0;
        onlineCapable = (flags & 2) != 0;
        return true;
    }

    /// <summary>I/O APIC structure; false for every other type.</summary>
    public bool TryGetIoApic(out byte id, out uint address, out uint globalSystemInterruptBase)
    {
        bool isIoApic = Type == MadtEntryType.IoApic;
        id = isIoApic ? Bytes[2] : (byte)0;
        address = isIoApic ? BinaryPrimitives.ReadUInt32LittleEndian(Bytes.Slice(4)) : 0;
        globalSystemInterruptBase = isIoApic ? BinaryPrimitives.ReadUInt32LittleEndian(Bytes.Slice(8)) : 0;
        return isIoApic;
    }

    internal static int LengthOf(MadtEntryType type) => type switch
    {
        MadtEntryType.LocalApic => 8,
        MadtEntryType.IoApic => 12,
        MadtEntryType.InterruptSourceOverride => 10,
        MadtEntryType.NmiSource => 8,
        MadtEntryType.LocalApicNmi => 6,
        MadtEntryType.LocalApicAddressOverride => 12,
        MadtEntryType.LocalX2Apic => 16,
        MadtEntryType.LocalX2ApicNmi => 12,
        _ => 2,
    };
}

/// <summary>Multiple APIC Description Table (ACPI 6.5, 5.2.12): CPUs and I/O APICs. Walk it with <see cref="TryNext"/>.</summary>
public readonly ref struct Madt
{
    private const int FirstEntryOffset = 44;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <param name="bytes">The whole table; one too short for its fixed part has no entries.</param>
    public Madt(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Physical address of the local APICs, unless a LocalApicAddressOverride entry gives another.</summary>
    public uint LocalApicAddress => _bytes.Length < FirstEntryOffset ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(_bytes.Slice(36));

    /// <summary>PCAT_COMPAT: the machine also has a pair of 8259s.</summary>
    public bool HasLegacyPics => _bytes.Length >= FirstEntryOffset && (_bytes[40] & 1) != 0;

    /// <summary>
    /// Gives the entry at <paramref name="offset"/> (0 for the first) and moves the offset behind it. An entry with an impossible length
    /// ends the list and is reported.
    /// </summary>
    public bool TryNext(ref int offset, scoped ProblemList problems, out MadtEntry entry)
    {
        entry = default;
        int start = offset < FirstEntryOffset ? FirstEntryOffset : offset;
        if (start >= _bytes.Length)
            return false;
        int left = _bytes.Length - start;
        int length = left < 2 ? 0 : _bytes[start + 1];
        int needed = MadtEntry.LengthOf((MadtEntryType)_bytes[start]);
        if (length < needed || length > left)
        {
            problems.Add(ProblemKind.RecordLengthWrong, Signature.Madt, (ulong)start, (ulong)needed, (ulong)length);
            return false;
        }
        entry = new MadtEntry(_bytes.Slice(start, length));
        offset = start + length;
        return true;
    }
}

using System;
using System.Buffers.Binary;

namespace Switcher.Acpi;

/// <summary>
/// Lays a view out, in the order RSDP, FACS, XSDT, RSDT, FADT, the \_S3 block, copies. Without a buffer it only measures, by the same
/// steps.
/// </summary>
internal ref struct GuestTablesWriter<TMemory>
    where TMemory : struct, IAcpiMemory
{
    private readonly RootTables<TMemory> _tables;
    private readonly SleepTypes _sleep;
    private readonly ReadOnlySpan<Signature> _withheld;
    private readonly bool _copies;
    private readonly Span<byte> _buffer;
    private readonly ulong _address;
    private int _length;
    private int _unchanged;

    public GuestTablesWriter(
        RootTables<TMemory> tables, SleepTypes sleep, GuestTablesOptions options, Span<byte> buffer, ulong address)
    {
        _tables = tables;
        _sleep = sleep;
        _withheld = options.Withheld;
        _copies = options.CopyTables;
        _buffer = buffer;
        _address = address;
    }

    private readonly bool Writes => !_buffer.IsEmpty;

    public AcpiStatus Run(out GuestView view)
    {
        view = default;
        if (Fadt.Find(_tables, default, out ReadOnlySpan<byte> firmwareFadt, out ulong fadtAddress) != AcpiStatus.Success)
            return AcpiStatus.NoFadt;
        Fadt fadt = new(firmwareFadt);
        bool isVersion1 = _tables.Rsdp.Bytes.Length < Rsdp.Length2;
        if (Writes && isVersion1 && _address + (ulong)_buffer.Length > uint.MaxValue)
            return AcpiStatus.BufferAbove4GiB;

        int rsdp = Reserve(isVersion1 ? Rsdp.Length1 : Rsdp.Length2, 16);
        bool hasFacs = !fadt.IsHardwareReduced || fadt.FacsAddress != 0;
        int facs = hasFacs ? Reserve(Facs.StandardLength, Facs.StandardLength) : 0;
        SleepStateSource source = fadt.IsHardwareReduced ? SleepStateSource.Present : _sleep.S3.Source;
        int ssdtLength = SleepSsdt.Length(source);
        int entries = CountEntries(fadtAddress) + (ssdtLength != 0 ? 1 : 0);
        int xsdt = isVersion1 ? 0 : Reserve(Sdt.HeaderLength + entries * sizeof(ulong), 16);
        int rsdt = _tables.Rsdp.RsdtAddress == 0 ? 0 : Reserve(Sdt.HeaderLength + entries * sizeof(uint), 16);
        int newFadt = Reserve(firmwareFadt.Length, 16);
        int ssdt = Reserve(ssdtLength, 16);

        int entry = 0;
        bool fitsRsdt = true;
        for (int i = 0; i < _tables.Count; i++)
        {
            if (!IsShown(i, fadtAddress))
                continue;
            ulong address = _tables.AddressAt(i);
            ulong shown = address == fadtAddress ? _address + (ulong)newFadt : PlaceUnchanged(_tables.TableAt(i), address);
            fitsRsdt &= SetEntry(xsdt, rsdt, entry++, shown);
        }
        if (ssdtLength != 0)
            fitsRsdt &= SetEntry(xsdt, rsdt, entry++, _address + (ulong)ssdt);
        ulong dsdtAddress = fadt.DsdtAddress;
        ReadOnlySpan<byte> dsdt = dsdtAddress == 0 ? default : Sdt.Map(_tables.Memory, dsdtAddress, default);
        if (!dsdt.IsEmpty)
            dsdtAddress = PlaceUnchanged(dsdt, dsdtAddress);
        if (isVersion1 && !fitsRsdt)
            return AcpiStatus.BufferAbove4GiB;

        if (Writes)
        {
            ulong facsAddress = hasFacs ? _address + (ulong)facs : 0;
            if (hasFacs)
                WriteFacs(fadt.MapFacs(_tables.Memory, default), _buffer.Slice(facs, Facs.StandardLength));
            if (!WriteFadt(firmwareFadt, _buffer.Slice(newFadt, firmwareFadt.Length), facsAddress, dsdtAddress))
                return AcpiStatus.BufferAbove4GiB;
            if (ssdtLength != 0)
                SleepSsdt.Write(_buffer.Slice(ssdt, ssdtLength), source, _sleep.GuestS3);
            WriteRoot(xsdt, Signature.Xsdt, entries * sizeof(ulong));
            WriteRoot(fitsRsdt ? rsdt : 0, Signature.Rsdt, entries * sizeof(uint));
            WriteRsdp(rsdp, xsdt, fitsRsdt ? rsdt : 0);
        }
        view = new GuestView
        {
            RsdpAddress = _address + (ulong)rsdp,
            RsdpLength = isVersion1 ? Rsdp.Length1 : Rsdp.Length2,
            FacsAddress = hasFacs ? _address + (ulong)facs : 0,
            Length = _length,
            TableCount = entries + (dsdt.IsEmpty ? 0 : 1) + (hasFacs ? 1 : 0),
            UnchangedCount = _unchanged,
            HasSleepSsdt = ssdtLength != 0,
        };
        return AcpiStatus.Success;
    }

    private int Reserve(int length, int alignment)
    {
        int start = (_length + alignment - 1) & -alignment;
        _length = start + length;
        return start;
    }

    /// <summary>The address at which the guest sees a table of the firmware's: its own, or a copy's.</summary>
    private ulong PlaceUnchanged(ReadOnlySpan<byte> table, ulong address)
    {
        _unchanged++;
        if (!_copies)
            return address;
        int place = Reserve(table.Length, 16);
        if (Writes)
            table.CopyTo(_buffer.Slice(place, table.Length));
        return _address + (ulong)place;
    }

    private readonly int CountEntries(ulong fadtAddress)
    {
        int count = 0;
        for (int i = 0; i < _tables.Count; i++)
            count += IsShown(i, fadtAddress) ? 1 : 0;
        return count;
    }

    /// <summary>
    /// False for what is withheld, for unusable entries, for a second FADT, and for a FACS or root table, which have no business in the
    /// list.
    /// </summary>
    private readonly bool IsShown(int index, ulong fadtAddress)
    {
        Signature signature = _tables.SignatureAt(index);
        if (signature == Signature.Fadt)
            return _tables.AddressAt(index) == fadtAddress && !_tables.TableAt(index).IsEmpty;
        if (signature == Signature.Facs || signature == Signature.Xsdt || signature == Signature.Rsdt)
            return false;
        for (int i = 0; i < _withheld.Length; i++)
        {
            if (_withheld[i] == signature)
                return false;
        }
        return !_tables.TableAt(index).IsEmpty;
    }

    private readonly bool SetEntry(int xsdt, int rsdt, int entry, ulong address)
    {
        if (Writes && xsdt != 0)
            BinaryPrimitives.WriteUInt64LittleEndian(_buffer.Slice(xsdt + Sdt.HeaderLength + entry * sizeof(ulong)), address);
        if (Writes && rsdt != 0)
            BinaryPrimitives.WriteUInt32LittleEndian(_buffer.Slice(rsdt + Sdt.HeaderLength + entry * sizeof(uint)), (uint)address);
        return address <= uint.MaxValue;
    }

    /// <summary>
    /// The firmware's FACS with nothing in it that an OS or the hypervisor's own boot left there; a plain one where it has none.
    /// </summary>
    private static void WriteFacs(ReadOnlySpan<byte> original, scoped Span<byte> facs)
    {
        facs.Clear();
        if (original.IsEmpty)
        {
            "FACS"u8.CopyTo(facs);
            facs[Facs.VersionOffset] = 2;
        }
        original.CopyTo(facs);
        BinaryPrimitives.WriteUInt32LittleEndian(facs.Slice(Facs.LengthOffset), Facs.StandardLength);
        facs.Slice(Facs.FirmwareWakingVectorOffset, 8).Clear(); // the Global Lock too
        facs.Slice(Facs.XFirmwareWakingVectorOffset, 8).Clear();
        facs.Slice(Facs.OspmFlagsOffset, 4).Clear();
    }

    private static bool WriteFadt(ReadOnlySpan<byte> original, scoped Span<byte> fadt, ulong facs, ulong dsdt)
    {
        original.CopyTo(fadt);
        if (!SetPair(fadt, Fadt.FirmwareCtrlOffset, Fadt.XFirmwareCtrlOffset, facs)
            || !SetPair(fadt, Fadt.DsdtOffset, Fadt.XDsdtOffset, dsdt))
            return false;
        FadtFlags flags = new Fadt(original).Flags;
        if ((flags & FadtFlags.HwReducedAcpi) == 0)
            flags &= ~FadtFlags.LowPowerS0IdleCapable;
        BinaryPrimitives.WriteUInt32LittleEndian(fadt.Slice(Fadt.FlagsOffset), (uint)flags);
        Checksum.Set(fadt, Sdt.ChecksumOffset);
        return true;
    }

    /// <summary>
    /// Sets those of a 32-bit and a 64-bit field that the firmware used. An address above 4 GiB needs the 64-bit field; false without one.
    /// </summary>
    private static bool SetPair(scoped Span<byte> fadt, int offset, int extendedOffset, ulong address)
    {
        bool hasExtended = fadt.Length >= extendedOffset + sizeof(ulong);
        bool fits = address <= uint.MaxValue;
        if (!fits && !hasExtended)
            return false;
        Span<byte> plain = fadt.Slice(offset);
        Span<byte> extended = hasExtended ? fadt.Slice(extendedOffset) : default;
        bool usesExtended = hasExtended && BinaryPrimitives.ReadUInt64LittleEndian(extended) != 0;
        bool usesPlain = BinaryPrimitives.ReadUInt32LittleEndian(plain) != 0 || !usesExtended;
        BinaryPrimitives.WriteUInt32LittleEndian(plain, usesPlain && fits ? (uint)address : 0);
        if (usesExtended || !fits)
            BinaryPrimitives.WriteUInt64LittleEndian(extended, address);
        return true;
    }

    /// <summary>
    /// Header and checksum of a root table whose entries are written already. The OEM's identification stays the firmware's.
    /// </summary>
    private readonly void WriteRoot(int place, Signature signature, int bytes)
    {
        if (place == 0)
            return;
        Span<byte> table = _buffer.Slice(place, Sdt.HeaderLength + bytes);
        _tables.Root.Bytes.Slice(0, Sdt.HeaderLength).CopyTo(table);
        BinaryPrimitives.WriteUInt32LittleEndian(table, signature.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(table.Slice(Sdt.LengthOffset), (uint)table.Length);
        table[Sdt.RevisionOffset] = 1;
        Checksum.Set(table, Sdt.ChecksumOffset);
    }

    private readonly void WriteRsdp(int place, int xsdt, int rsdt)
    {
        ReadOnlySpan<byte> original = _tables.Rsdp.Bytes;
        Span<byte> rsdp = _buffer.Slice(place, original.Length);
        original.CopyTo(rsdp);
        BinaryPrimitives.WriteUInt32LittleEndian(rsdp.Slice(Rsdp.RsdtAddressOffset), rsdt == 0 ? 0 : (uint)(_address + (ulong)rsdt));
        Checksum.Set(rsdp.Slice(0, Rsdp.Length1), Rsdp.ChecksumOffset);
        if (original.Length < Rsdp.Length2)
            return;
        BinaryPrimitives.WriteUInt32LittleEndian(rsdp.Slice(Rsdp.LengthOffset), Rsdp.Length2);
        BinaryPrimitives.WriteUInt64LittleEndian(rsdp.Slice(Rsdp.XsdtAddressOffset), _address + (ulong)xsdt);
        Checksum.Set(rsdp, Rsdp.ExtendedChecksumOffset);
    }
}

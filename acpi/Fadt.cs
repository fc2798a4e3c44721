using System;
using System.Buffers.Binary;

namespace Switcher.Acpi;

/// <summary>
/// Fixed ACPI Description Table (ACPI 6.5, 5.2.9), of every revision and length. The revision byte of real tables is not to be trusted:
/// what a table holds is decided by its length. Of a pair of a 32-bit and a 64-bit field the 64-bit one counts when it is not zero, as ACPI
/// 6.5 says and ACPICA does.
/// </summary>
public readonly ref struct Fadt
{
    /// <summary>Length up to and including Flags: an ACPI 1.0 table.</summary>
    public const int Length1 = 116;
    public const int FirmwareCtrlOffset = 36;
    public const int DsdtOffset = 40;
    public const int FlagsOffset = 112;
    public const int XFirmwareCtrlOffset = 132;
    public const int XDsdtOffset = 140;

    private const int ResetRegOffset = 116;
    private const int ResetValueOffset = 128;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <param name="bytes">The whole table, at least <see cref="Length1"/> bytes.</param>
    public Fadt(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public ReadOnlySpan<byte> Bytes => _bytes;
    public Sdt Header => new(_bytes);

    public uint FirmwareCtrl => U32(FirmwareCtrlOffset);
    public uint Dsdt => U32(DsdtOffset);

    /// <summary>Interrupt of the SCI: a PIC pin or a global system interrupt.</summary>
    public ushort SciInt => BinaryPrimitives.ReadUInt16LittleEndian(_bytes.Slice(46));

    /// <summary>Bytes in each PM1 event block: half status, half enable.</summary>
    public byte Pm1EvtLen => _bytes[88];

    /// <summary>Bytes in each PM1 control block.</summary>
    public byte Pm1CntLen => _bytes[89];
    public byte Pm2CntLen => _bytes[90];
    public byte PmTmrLen => _bytes[91];

    /// <summary>Bytes in the GPE0 block: half status, half enable.</summary>
    public byte Gpe0BlkLen => _bytes[92];
    public byte Gpe1BlkLen => _bytes[93];

    /// <summary>Index of the register that has the century in the real-time clock's memory; zero when there is none.</summary>
    public byte Century => _bytes[108];

    public FadtFlags Flags => (FadtFlags)U32(FlagsOffset);

    /// <summary>HW_REDUCED_ACPI: the fixed registers (PM1, PM timer, GPE blocks) are not there whatever their fields say.</summary>
    public bool IsHardwareReduced => (Flags & FadtFlags.HwReducedAcpi) != 0;

    /// <summary>LOW_POWER_S0_IDLE_CAPABLE: the OS is told to prefer idling in S0 to S3.</summary>
    public bool IsLowPowerS0 => (Flags & FadtFlags.LowPowerS0IdleCapable) != 0;

    /// <summary>X_FIRMWARE_CTRL; zero when the table ends before it.</summary>
    public ulong XFirmwareCtrl => U64(XFirmwareCtrlOffset);

    /// <summary>X_DSDT; zero when the table ends before it.</summary>
    public ulong XDsdt => U64(XDsdtOffset);

    /// <summary>Address of the FACS that an OS uses; zero when there is none.</summary>
    public ulong FacsAddress => XFirmwareCtrl != 0 ? XFirmwareCtrl : FirmwareCtrl;

    /// <summary>Address of the DSDT that an OS uses; zero when there is none.</summary>
    public ulong DsdtAddress => XDsdt != 0 ? XDsdt : Dsdt;

    public GenericAddress Pm1aEvtBlk => Block(148, 56, Pm1EvtLen);
    public GenericAddress Pm1bEvtBlk => Block(160, 60, Pm1EvtLen);
    public GenericAddress Pm1aCntBlk => Block(172, 64, Pm1CntLen);
    public GenericAddress Pm1bCntBlk => Block(184, 68, Pm1CntLen);
    public GenericAddress Pm2CntBlk => Block(196, 72, Pm2CntLen);
    public GenericAddress Gpe0Blk => Block(220, 80, Gpe0BlkLen);
    public GenericAddress Gpe1Blk => Block(232, 84, Gpe1BlkLen);

    /// <summary>SLEEP_CONTROL_REG, for hardware-reduced machines; not present in tables before ACPI 5.0.</summary>
    public GenericAddress SleepControlReg => Gas(244);

    /// <summary>SLEEP_STATUS_REG, for hardware-reduced machines; not present in tables before ACPI 5.0.</summary>
    public GenericAddress SleepStatusReg => Gas(256);

    /// <summary>
    /// RESET_REG, present only where the RESET_REG_SUP flag says so and the revision is 2 or more, as Linux judges it.
    /// </summary>
    public GenericAddress ResetReg =>
        (Flags & FadtFlags.ResetRegSup) != 0 && Header.Revision >= 2 && _bytes.Length > ResetValueOffset ? Gas(ResetRegOffset) : default;

    /// <summary>What to write to <see cref="ResetReg"/>.</summary>
    public byte ResetValue => _bytes.Length > ResetValueOffset ? _bytes[ResetValueOffset] : (byte)0;

    /// <summary>
    /// Finds the FADT. Where a root table lists several, the last one counts, as in ACPICA, and the fact is reported.
    /// </summary>
    public static AcpiStatus Find<TMemory>(
        scoped in RootTables<TMemory> tables, scoped ProblemList problems, out ReadOnlySpan<byte> table, out ulong address)
        where TMemory : struct, IAcpiMemory
    {
        table = default;
        address = 0;
        int instances = 0;
        for (int i = 0; i < tables.Count; i++)
        {
            ReadOnlySpan<byte> candidate = tables.SignatureAt(i) == Signature.Fadt ? tables.TableAt(i) : default;
            if (candidate.IsEmpty)
                continue;
            instances++;
            if (candidate.Length < Length1)
            {
                problems.Add(ProblemKind.TableLengthTooShort, Signature.Fadt, tables.AddressAt(i), Length1, (ulong)candidate.Length);
                continue;
            }
            table = candidate;
            address = tables.AddressAt(i);
        }
        if (table.IsEmpty)
        {
            problems.Add(ProblemKind.FadtMissing, Signature.Fadt);
            return AcpiStatus.NoFadt;
        }
        if (instances > 1)
            problems.Add(ProblemKind.FadtSeveral, Signature.Fadt, address, 1, (ulong)instances);
        return AcpiStatus.Success;
    }

    /// <summary>
    /// Maps the DSDT; empty, and reported, when there is none. A wrong signature or checksum is reported and tolerated.
    /// </summary>
    public ReadOnlySpan<byte> MapDsdt<TMemory>(scoped in TMemory memory, scoped ProblemList problems)
        where TMemory : struct, IAcpiMemory
    {
        ulong address = DsdtAddress;
        ReadOnlySpan<byte> table = address == 0 ? default : Sdt.Map(memory, address, problems);
        if (table.IsEmpty)
        {
            problems.Add(ProblemKind.DsdtMissing, Signature.Dsdt, address);
            return default;
        }
        Sdt dsdt = new(table);
        if (dsdt.Signature != Signature.Dsdt)
            problems.Add(ProblemKind.SignatureUnexpected, dsdt.Signature, address, Signature.Dsdt.Value, dsdt.Signature.Value);
        if (Checksum.Sum(table) != 0)
            problems.Add(ProblemKind.ChecksumWrong, Signature.Dsdt, address, dsdt.RightChecksum, dsdt.StoredChecksum);
        return table;
    }

    /// <summary>
    /// Maps the FACS; empty, and reported, when there is none. Where the 64-bit field leads to none, the 32-bit one may.
    /// </summary>
    public ReadOnlySpan<byte> MapFacs<TMemory>(scoped in TMemory memory, scoped ProblemList problems)
        where TMemory : struct, IAcpiMemory
    {
        ReadOnlySpan<byte> facs = FacsAddress == 0 ? default : Facs.Map(memory, FacsAddress, problems);
        return !facs.IsEmpty || FirmwareCtrl == 0 || FirmwareCtrl == FacsAddress ? facs : Facs.Map(memory, FirmwareCtrl, problems);
    }

    internal GenericAddress Gas(int offset) =>
        _bytes.Length < offset + GenericAddress.Size ? default : GenericAddress.Read(_bytes.Slice(offset));

    internal uint U32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.Slice(offset));

    /// <summary>A register block by its 64-bit field, or by its 32-bit one, which always means I/O space.</summary>
    private GenericAddress Block(int extendedOffset, int legacyOffset, byte length)
    {
        GenericAddress extended = Gas(extendedOffset);
        if (extended.IsPresent)
            return extended;
        uint legacy = U32(legacyOffset);
        int width = length * 8;
        return legacy == 0 ? default : new GenericAddress(AddressSpace.SystemIo, (byte)(width > 255 ? 0 : width), 0, 0, legacy);
    }

    private ulong U64(int offset) =>
        _bytes.Length < offset + sizeof(ulong) ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(_bytes.Slice(offset));
}

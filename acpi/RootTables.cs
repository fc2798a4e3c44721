using System;
using System.Buffers.Binary;

namespace Switcher.Acpi;

/// <summary>
/// The list of tables that the RSDP leads to: the XSDT, or the RSDT of an ACPI 1.0 machine (ACPI 6.5, 5.2.7 and 5.2.8). As in ACPICA, the
/// XSDT counts when the RSDP's revision is 2 or more and it names one; but where it leads to no FADT and the RSDT does, the RSDT counts.
/// Entries that are zero, repeated, unreadable or the root table itself are reported once, by <see cref="Open"/>, and read as empty
/// afterwards.
/// </summary>
/// <typeparam name="TMemory">How physical memory is read.</typeparam>
public readonly ref struct RootTables<TMemory>
    where TMemory : struct, IAcpiMemory
{
    /// <summary>More entries than this are not looked at: real machines have fewer than a hundred.</summary>
    public const int MaximumCount = 1024;

    private readonly TMemory _memory;
    private readonly Rsdp _rsdp;
    private readonly ReadOnlySpan<byte> _root;
    private readonly ulong _rootAddress;
    private readonly int _entrySize;

    private RootTables(TMemory memory, Rsdp rsdp, ReadOnlySpan<byte> root, ulong rootAddress, int entrySize)
    {
        _memory = memory;
        _rsdp = rsdp;
        _root = root;
        _rootAddress = rootAddress;
        _entrySize = entrySize;
        int count = root.IsEmpty ? 0 : (root.Length - Sdt.HeaderLength) / entrySize;
        Count = count < MaximumCount ? count : MaximumCount;
    }

    public TMemory Memory => _memory;
    public Rsdp Rsdp => _rsdp;

    /// <summary>The XSDT or RSDT in use.</summary>
    public Sdt Root => new(_root);

    /// <summary>True when the RSDT is in use although the RSDP names an XSDT, since that leads to no FADT.</summary>
    public bool IsRsdtPreferred => _entrySize == sizeof(uint) && _rsdp.XsdtAddress != 0;

    /// <summary>Number of entries, usable or not.</summary>
    public int Count { get; }

    /// <summary>Reads the RSDP at <paramref name="rsdpAddress"/> and the root table, and reports what is wrong with any entry.</summary>
    public static AcpiStatus Open(TMemory memory, ulong rsdpAddress, scoped ProblemList problems, out RootTables<TMemory> tables)
    {
        tables = default;
        if (!Rsdp.TryRead(memory, rsdpAddress, problems, out Rsdp rsdp))
            return AcpiStatus.NoRsdp;
        ulong rootAddress = rsdp.XsdtAddress;
        int entrySize = sizeof(ulong);
        ReadOnlySpan<byte> root = rootAddress == 0 ? default : MapRoot(memory, rootAddress, Signature.Xsdt, problems);
        if (root.IsEmpty && rsdp.RsdtAddress != 0)
        {
            rootAddress = rsdp.RsdtAddress;
            entrySize = sizeof(uint);
            root = MapRoot(memory, rootAddress, Signature.Rsdt, problems);
        }
        if (root.IsEmpty)
        {
            problems.Add(ProblemKind.RootTableMissing);
            return AcpiStatus.NoRootTable;
        }
        tables = new(memory, rsdp, root, rootAddress, entrySize);
        if (entrySize == sizeof(ulong) && rsdp.RsdtAddress != 0 && Fadt.Find(tables, default, out _, out _) != AcpiStatus.Success)
        {
            ReadOnlySpan<byte> rsdt = MapRoot(memory, rsdp.RsdtAddress, Signature.Rsdt, default);
            RootTables<TMemory> older = new(memory, rsdp, rsdt, rsdp.RsdtAddress, sizeof(uint));
            if (Fadt.Find(older, default, out _, out _) == AcpiStatus.Success)
            {
                problems.Add(ProblemKind.XsdtWithoutFadt, Signature.Xsdt, rootAddress);
                tables = older;
            }
        }
        tables.Report(problems);
        return AcpiStatus.Success;
    }

    /// <summary>Physical address of entry <paramref name="index"/>, as the root table gives it.</summary>
    public ulong AddressAt(int index)
    {
        ReadOnlySpan<byte> entry = _root.Slice(Sdt.HeaderLength + index * _entrySize);
        return _entrySize == sizeof(ulong)
            ? BinaryPrimitives.ReadUInt64LittleEndian(entry)
            : BinaryPrimitives.ReadUInt32LittleEndian(entry);
    }

    /// <summary>The whole table of entry <paramref name="index"/>; empty when the entry is not usable.</summary>
    public ReadOnlySpan<byte> TableAt(int index)
    {
        ProblemList ignored = default;
        return MapEntry(index, ignored);
    }

    /// <summary>Finds the table with this signature, counted from 0 where there are several.</summary>
    /// <returns>False when there are not that many.</returns>
    public bool TryFind(Signature signature, int instance, out ReadOnlySpan<byte> table, out ulong address)
    {
        for (int i = 0; i < Count; i++)
        {
            ReadOnlySpan<byte> candidate = SignatureAt(i) == signature ? TableAt(i) : default;
            if (candidate.IsEmpty || instance-- > 0)
                continue;
            table = candidate;
            address = AddressAt(i);
            return true;
        }
        table = default;
        address = 0;
        return false;
    }

    /// <summary>The signature that entry <paramref name="index"/> shows; zero when it cannot be read.</summary>
    public Signature SignatureAt(int index)
    {
        ulong address = AddressAt(index);
        ReadOnlySpan<byte> bytes = address == 0 ? default : _memory.Map(address, 4);
        return bytes.Length < 4 ? default : new Signature(bytes);
    }

    private static ReadOnlySpan<byte> MapRoot(scoped in TMemory memory, ulong address, Signature signature, scoped ProblemList problems)
    {
        ReadOnlySpan<byte> root = Sdt.Map(memory, address, problems);
        if (root.IsEmpty)
            return default;
        Sdt sdt = new(root);
        if (sdt.Signature != signature)
        {
            problems.Add(ProblemKind.SignatureUnexpected, sdt.Signature, address, signature.Value, sdt.Signature.Value);
            return default;
        }
        if (Checksum.Sum(root) != 0)
            problems.Add(ProblemKind.ChecksumWrong, signature, address, sdt.RightChecksum, sdt.StoredChecksum);
        return root;
    }

    private void Report(scoped ProblemList problems)
    {
        int bytes = _root.Length - Sdt.HeaderLength;
        if (bytes % _entrySize != 0)
            problems.Add(ProblemKind.RootLengthUneven, Root.Signature, _rootAddress, (ulong)_entrySize, (ulong)bytes);
        if (bytes / _entrySize > MaximumCount)
            problems.Add(ProblemKind.TooManyTables, Root.Signature, _rootAddress, MaximumCount, (ulong)(bytes / _entrySize));
        for (int i = 0; i < Count; i++)
        {
            ReadOnlySpan<byte> table = MapEntry(i, problems);
            if (!table.IsEmpty && new Signature(table) != Signature.Facs && Checksum.Sum(table) != 0)
            {
                Sdt sdt = new(table);
                problems.Add(ProblemKind.ChecksumWrong, sdt.Signature, AddressAt(i), sdt.RightChecksum, sdt.StoredChecksum);
            }
        }
    }

    private ReadOnlySpan<byte> MapEntry(int index, scoped ProblemList problems)
    {
        ulong address = AddressAt(index);
        if (address == 0)
        {
            problems.Add(ProblemKind.RootEntryZero, Root.Signature, (ulong)index);
            return default;
        }
        if (address == _rootAddress)
        {
            problems.Add(ProblemKind.RootEntryIsRoot, Root.Signature, address);
            return default;
        }
        for (int earlier = 0; earlier < index; earlier++)
        {
            if (AddressAt(earlier) != address)
                continue;
            problems.Add(ProblemKind.RootEntryRepeated, SignatureAt(index), address);
            return default;
        }
        return Sdt.Map(_memory, address, problems);
    }
}

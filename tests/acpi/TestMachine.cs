using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;
using Switcher.Acpi;
using Switcher.Ctl.Tables;

namespace Switcher.Tests.Acpi;

/// <summary>A machine made for a test: a FADT, a FACS, a DSDT and whatever else is added.</summary>
internal sealed class TestMachine
{
    public const ulong DsdtAddress = 0x7F000000;
    public const ulong FacsAddress = 0x7E000000;

    private readonly List<DumpedTable> _tables = [];

    /// <summary>The FADT, of revision 6 unless shortened; its checksum is set when the machine is built.</summary>
    public byte[] Fadt { get; set; } = NewFadt(276, 6);

    public byte[] Dsdt { get; set; } = Table("DSDT", []);
    public byte[] Facs { get; set; } = NewFacs();

    public static byte[] NewFacs()
    {
        byte[] facs = new byte[64];
        "FACS"u8.CopyTo(facs);
        facs[4] = 64;
        facs[32] = 2;
        return facs;
    }

    /// <summary>An Intel-like FADT: PM1a events at 0x400, control at 0x404, timer at 0x408, GPE0 at 0x420.</summary>
    public static byte[] NewFadt(int length, byte revision)
    {
        byte[] fadt = Table("FACP", new byte[length - Sdt.HeaderLength]);
        fadt[8] = revision;
        Set32(fadt, 36, (uint)FacsAddress);
        Set32(fadt, 40, (uint)DsdtAddress);
        Set32(fadt, 56, 0x400);
        Set32(fadt, 64, 0x404);
        Set32(fadt, 76, 0x408);
        Set32(fadt, 80, 0x420);
        fadt[88] = 4;
        fadt[89] = 2;
        fadt[91] = 4;
        fadt[92] = 16;
        fadt[46] = 9;
        return fadt;
    }

    /// <summary>A table with a right length and checksum.</summary>
    public static byte[] Table(string signature, byte[] body)
    {
        byte[] table = new byte[Sdt.HeaderLength + body.Length];
        Encoding.ASCII.GetBytes(signature, table);
        Set32(table, 4, (uint)table.Length);
        table[8] = 2;
        "TESTOEMTESTTBL "u8.CopyTo(table.AsSpan(10));
        body.CopyTo(table.AsSpan(Sdt.HeaderLength));
        Checksum.Set(table, Sdt.ChecksumOffset);
        return table;
    }

    public static void Set32(byte[] table, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(offset), value);

    public static void Set64(byte[] table, int offset, ulong value)
        => BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(offset), value);

    /// <summary>Writes a generic address structure.</summary>
    public static void SetGas(byte[] table, int offset, AddressSpace space, byte bits, ulong address)
    {
        table[offset] = (byte)space;
        table[offset + 1] = bits;
        Set64(table, offset + 4, address);
    }

    public TestMachine WithDsdt(params byte[][] terms)
    {
        Dsdt = Table("DSDT", Aml.Join(terms));
        return this;
    }

    public TestMachine WithSsdt(params byte[][] terms) => With(Table("SSDT", Aml.Join(terms)));

    public TestMachine With(byte[] table, ulong address = 0)
    {
        _tables.Add(DumpedTable.FromBytes("????", address, table));
        return this;
    }

    public TableImage Build()
    {
        Checksum.Set(Fadt, Sdt.ChecksumOffset);
        List<DumpedTable> all =
        [
            DumpedTable.FromBytes("FACP", 0, Fadt),
            DumpedTable.FromBytes("FACS", FacsAddress, Facs),
            DumpedTable.FromBytes("DSDT", DsdtAddress, Dsdt),
            .. _tables,
        ];
        return new TableImage(all);
    }

    /// <summary>The sleep types, and the problems met on the way.</summary>
    public SleepTypes ReadSleep(out List<ProblemKind> kinds)
    {
        TableImage image = Build();
        Problem[] storage = new Problem[100];
        ProblemList problems = new(storage);
        RootTables<ImageMemory>.Open(image.Memory, image.RsdpAddress, problems, out RootTables<ImageMemory> tables);
        Switcher.Acpi.Fadt.Find(tables, problems, out ReadOnlySpan<byte> fadt, out _);
        SleepTypes sleep = SleepTypes.Read(tables, new Fadt(fadt).MapDsdt(image.Memory, problems), problems);
        kinds = Kinds(problems);
        return sleep;
    }

    public SleepTypes ReadSleep() => ReadSleep(out _);

    public static List<ProblemKind> Kinds(ProblemList problems)
    {
        List<ProblemKind> kinds = [];
        for (int i = 0; i < problems.Count; i++)
            kinds.Add(problems[i].Kind);
        return kinds;
    }
}

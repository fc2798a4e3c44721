using System;
using System.Buffers.Binary;
using Switcher.Acpi;
using Switcher.Boot.Memory;
using Switcher.Boot.Text;

namespace Switcher.Tests.Guest.Acpi;

/// <summary>Physical memory for the ACPI library.</summary>
internal readonly unsafe struct TableMemory : IAcpiMemory
{
    public ReadOnlySpan<byte> Map(ulong physicalAddress, int length)
        => MemoryMap.IsMemory(new MemoryRange(physicalAddress, (ulong)length))
            ? new ReadOnlySpan<byte>((void*)physicalAddress, length) : default;
}

/// <summary>What the guest needs of the ACPI tables that it was given.</summary>
internal static unsafe class Tables
{
    private const int MostProcessors = 64;
    private const int SmiCmdOffset = 48;
    private const int AcpiEnableOffset = 52;
    private const int AcpiDisableOffset = 53;
    private const int PmTmrBlkOffset = 76;

    private static ProcessorTable s_processors;
    private static SleepTypes s_sleep;

    public static SleepHardware Hardware { get; private set; }

    /// <summary>The values of \_S0 to \_S5.</summary>
    public const int SleepStates = 6;

    public static SleepState S3 => SleepStateAt(3);

    public static SleepState S5 => SleepStateAt(5);

    /// <summary>Address of the FACS.</summary>
    public static ulong Facs { get; private set; }

    /// <summary>SMI_CMD: takes commands to System Management Mode; 0 if there is none.</summary>
    public static ushort SmiCommandPort { get; private set; }

    /// <summary>The command that switches ACPI mode on.</summary>
    public static byte AcpiEnable { get; private set; }

    /// <summary>The command that switches ACPI mode off.</summary>
    public static byte AcpiDisable { get; private set; }

    public static ushort PmTimerPort { get; private set; }

    public static ushort Gpe0Port { get; private set; }

    /// <summary>Bytes of the GPE0 block.</summary>
    public static byte Gpe0Length { get; private set; }

    /// <summary>Address of the first I/O APIC.</summary>
    public static ulong IoApicAddress { get; private set; }

    /// <summary>The I/O APIC's input that the PIT, line 0 of the ISA bus, is connected to.</summary>
    public static uint PitInput { get; private set; }

    public static int ProcessorCount { get; private set; }

    public static SleepState SleepStateAt(int state) => state switch
    {
        0 => s_sleep.S0,
        1 => s_sleep.S1,
        2 => s_sleep.S2,
        3 => s_sleep.S3,
        4 => s_sleep.S4,
        _ => s_sleep.S5,
    };

    public static uint ApicIdAt(int index) => s_processors.ApicIds[index];

    /// <summary>Reads everything.</summary>
    /// <returns>False if something is missing that the guest cannot do without.</returns>
    public static bool Read()
    {
        ProblemList problems = default;
        if (RootTables<TableMemory>.Open(default, Firmware.Rsdp, problems, out RootTables<TableMemory> tables) != AcpiStatus.Success
            || Fadt.Find(tables, problems, out ReadOnlySpan<byte> fadtTable, out _) != AcpiStatus.Success)
        {
            return false;
        }

        Fadt fadt = new(fadtTable);
        Hardware = new SleepHardware(fadt);
        SleepTypes sleep = SleepTypes.Read(tables, Sdt.Map(default(TableMemory), fadt.DsdtAddress, problems), problems);
        s_sleep = sleep;
        Facs = fadt.FacsAddress;
        SmiCommandPort = BinaryPrimitives.ReadUInt16LittleEndian(fadtTable.Slice(SmiCmdOffset));
        AcpiEnable = fadtTable[AcpiEnableOffset];
        AcpiDisable = fadtTable[AcpiDisableOffset];
        PmTimerPort = BinaryPrimitives.ReadUInt16LittleEndian(fadtTable.Slice(PmTmrBlkOffset));
        Gpe0Port = (ushort)fadt.Gpe0Blk.Address;
        Gpe0Length = fadt.Gpe0BlkLen;
        ReadMadt(tables, problems);
        Log();
        return Hardware.Pm1aCnt.IsPresent && Hardware.ArePorts
            && Facs != 0 && PmTimerPort != 0 && IoApicAddress != 0 && ProcessorCount != 0;
    }

    private static void ReadMadt(RootTables<TableMemory> tables, scoped ProblemList problems)
    {
        // ACPI 6.5, table 5.20 "Interrupt Controller Structure Types".
        const byte localApic = 0;
        const byte interruptSourceOverride = 2;
        const byte isaTimerLine = 0;
        if (!tables.TryFind(Signature.Madt, 0, out ReadOnlySpan<byte> madt, out _))
            return;
        for (int offset = 0; TableRecords.TryNext(madt, ref offset, problems, out ReadOnlySpan<byte> record);)
        {
            if (record[0] == localApic && (record[4] & 1) != 0 && ProcessorCount < MostProcessors)
                s_processors.ApicIds[ProcessorCount++] = record[3];
            else if (new MadtEntry(record).TryGetIoApic(out uint address) && BinaryPrimitives.ReadUInt32LittleEndian(record.Slice(8)) == 0)
                IoApicAddress = address;
            else if (record[0] == interruptSourceOverride && record[3] == isaTimerLine)
                PitInput = BinaryPrimitives.ReadUInt32LittleEndian(record.Slice(4));
        }
    }

    private static void Log()
    {
        LogLine line = Report.Begin("acpi"u8);
        line.Hex("pm1a"u8, Hardware.Pm1aCnt.Address);
        line.Hex("pm1b"u8, Hardware.Pm1bCnt.Address);
        line.Number("s3"u8, S3.IsOffered ? S3.SlpTypA : 99u);
        line.Number("s5"u8, S5.IsOffered ? S5.SlpTypA : 99u);
        line.Hex("facs"u8, Facs);
        line.Number("cpus"u8, (ulong)ProcessorCount);
        line.WriteTo<DebugPort>();
    }

    private struct ProcessorTable
    {
        public fixed uint ApicIds[MostProcessors];
    }
}

using System;
using Switcher.Acpi;
using Switcher.Ctl.Tables;
using Xunit;

namespace Switcher.Tests.Acpi;

/// <summary>Puts a machine, whatever its bytes, through every parser of the library and through the making of a view.</summary>
internal static class Exercise
{
    private const ulong BufferAddress = 0x0FE0_0000;

    /// <returns>How many problems were named.</returns>
    public static int Run(ImageMemory memory, ulong rsdpAddress, Span<Problem> storage)
    {
        ProblemList problems = new(storage);
        AcpiStatus status = RootTables<ImageMemory>.Open(memory, rsdpAddress, problems, out RootTables<ImageMemory> tables);
        if (status != AcpiStatus.Success)
            return problems.Count;
        for (int i = 0; i < tables.Count; i++)
            ReadLists(tables.TableAt(i), problems);
        status = Fadt.Find(tables, problems, out ReadOnlySpan<byte> bytes, out ulong fadtAddress);
        if (status != AcpiStatus.Success)
        {
            Assert.Equal(0, GuestTables.Measure(tables, default, default));
            return problems.Count;
        }
        Fadt fadt = new(bytes);
        TableCheck.Run(tables, fadt, fadtAddress, problems);
        SleepHardware hardware = new(fadt);
        ReadOnlySpan<byte> facs = fadt.MapFacs(memory, problems);
        if (!facs.IsEmpty)
            _ = new Facs(facs).FirmwareWakingVector + new Facs(facs).XFirmwareWakingVector;
        SleepTypes sleep = SleepTypes.Read(tables, fadt.MapDsdt(memory, problems), problems);
        _ = hardware.ArePorts && hardware.AreSame(sleep.S3, sleep.S5);
        WriteView(tables, sleep, copies: true);
        WriteView(tables, sleep, copies: false);
        return problems.Count;
    }

    private static void ReadLists(ReadOnlySpan<byte> table, ProblemList problems)
    {
        if (table.IsEmpty)
            return;
        bool isMadt = new Signature(table) == Signature.Madt;
        for (int offset = 0; TableRecords.TryNext(table, ref offset, problems, out ReadOnlySpan<byte> record);)
        {
            if (isMadt)
                new MadtEntry(record).TryGetIoApic(out _);
        }
        _ = new Hpet(table).Registers;
    }

    /// <summary>A view that can be made is right whatever it was made from.</summary>
    private static void WriteView(RootTables<ImageMemory> tables, SleepTypes sleep, bool copies)
    {
        GuestTablesOptions options = new() { CopyTables = copies };
        byte[] buffer = new byte[GuestTables.Measure(tables, sleep, options)];
        AcpiStatus status = GuestTables.Write(tables, sleep, options, buffer, BufferAddress, out GuestView view);
        if (status == AcpiStatus.BufferAbove4GiB)
            return; // an ACPI 1.0 machine whose tables are not below 4 GiB
        Assert.Equal(AcpiStatus.Success, status);
        ImageMemory memory = ImageMemory.Create();
        Assert.True(memory.TryAdd(BufferAddress, buffer));
        Problem[] storage = new Problem[4];
        ProblemList problems = new(storage);
        Assert.Equal(AcpiStatus.Success,
            RootTables<ImageMemory>.Open(memory, view.RsdpAddress, problems, out RootTables<ImageMemory> guest));
        Assert.Equal(AcpiStatus.Success, Fadt.Find(guest, default, out ReadOnlySpan<byte> fadt, out _));
        Assert.Equal(0, Checksum.Sum(guest.Rsdp.Bytes));
        Assert.Equal(0, Checksum.Sum(guest.Root.Bytes));
        Assert.Equal(0, Checksum.Sum(fadt));
        Assert.Equal(view.FacsAddress, new Fadt(fadt).FacsAddress);
    }
}

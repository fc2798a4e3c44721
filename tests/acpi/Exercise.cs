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
        ReadOnlySpan<byte> facs = Facs.Map(memory, fadt.FacsAddress, problems);
        if (!facs.IsEmpty)
        {
            Facs structure = new(facs);
            _ = structure.FirmwareWakingVector + structure.XFirmwareWakingVector + structure.GlobalLock + structure.Version
                + (uint)structure.Flags + (uint)structure.OspmFlags;
        }
        SleepTypes sleep = SleepTypes.Read(tables, fadt.MapDsdt(memory, problems), problems);
        _ = hardware.Judge(sleep);
        WriteView(tables, sleep, copies: true);
        WriteView(tables, sleep, copies: false);
        return problems.Count;
    }

    private static void ReadLists(ReadOnlySpan<byte> table, ProblemList problems)
    {
        if (table.IsEmpty)
            return;
        for (int offset = 0; new Madt(table).TryNext(ref offset, problems, out MadtEntry entry);)
        {
            entry.TryGetProcessor(out _, out _, out _);
            entry.TryGetIoApic(out _, out _, out _);
        }
        for (int offset = 0; new Dmar(table).TryNext(ref offset, problems, out DmarStructure structure);)
        {
            structure.TryGetUnit(out _, out _, out _);
            structure.TryGetReservedMemory(out _, out _, out _);
        }
        for (int offset = 0; new Ivrs(table).TryNext(ref offset, problems, out IvrsBlock block);)
        {
            block.TryGetUnit(out _, out _, out _);
            block.TryGetMemory(out _, out _);
        }
        _ = new Hpet(table).BaseAddress.Address + new Hpet(table).MinimumTick;
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

using System;
using Switcher.Acpi;
using Switcher.Ctl.Tables;

namespace Switcher.Ctl.Check;

/// <summary>A guest's view of the tables, built as Switcher would and read back.</summary>
/// <param name="Tables">Tables that the guest sees: entries of its root table, DSDT and FACS.</param>
/// <param name="ChecksumsOk">Whether all that Switcher wrote adds up.</param>
/// <param name="UnchangedTables">How many are the firmware's, byte for byte.</param>
public sealed record ViewReport(int Tables, bool ChecksumsOk, int UnchangedTables)
{
    private const ulong BufferAddress = 0x10000000;

    /// <summary>For a machine without a FADT, for which no view can be made.</summary>
    public static ViewReport None { get; } = new(0, false, 0);

    public static ViewReport Make(RootTables<ImageMemory> tables, SleepTypes sleep)
    {
        GuestTablesOptions options = new() { CopyTables = true };
        byte[] buffer = new byte[GuestTables.Measure(tables, sleep, options)];
        if (GuestTables.Write(tables, sleep, options, buffer, BufferAddress, out GuestView view) != AcpiStatus.Success)
            return None;
        ImageMemory memory = ImageMemory.Create();
        memory.TryAdd(BufferAddress, buffer);
        Problem[] storage = new Problem[2];
        ProblemList problems = new(storage);
        if (RootTables<ImageMemory>.Open(memory, view.RsdpAddress, problems, out RootTables<ImageMemory> guest) != AcpiStatus.Success
            || Fadt.Find(guest, problems, out ReadOnlySpan<byte> fadt, out _) != AcpiStatus.Success)
            return None;

        bool checksumsOk = IsRootRight(guest.Rsdp.Bytes, guest.Root.Bytes) && Checksum.Sum(fadt) == 0;
        int unchanged = 0;
        for (int i = 0; i < guest.Count; i++)
        {
            ReadOnlySpan<byte> table = guest.TableAt(i);
            bool isOriginal = guest.SignatureAt(i) != Signature.Fadt && IsAmong(tables, table);
            unchanged += isOriginal ? 1 : 0;
            checksumsOk &= isOriginal || Checksum.Sum(table) == 0;
        }
        ReadOnlySpan<byte> dsdt = new Fadt(fadt).MapDsdt(memory, default);
        unchanged += IsOriginalDsdt(tables, dsdt) ? 1 : 0;
        return new ViewReport(view.TableCount, checksumsOk, unchanged);
    }

    private static bool IsRootRight(ReadOnlySpan<byte> rsdp, ReadOnlySpan<byte> root) =>
        Checksum.Sum(rsdp.Slice(0, Rsdp.Length1)) == 0 && Checksum.Sum(rsdp) == 0 && Checksum.Sum(root) == 0;

    private static bool IsAmong(RootTables<ImageMemory> tables, ReadOnlySpan<byte> table)
    {
        for (int i = 0; i < tables.Count; i++)
        {
            if (tables.TableAt(i).SequenceEqual(table))
                return true;
        }
        return false;
    }

    private static bool IsOriginalDsdt(RootTables<ImageMemory> tables, ReadOnlySpan<byte> dsdt) =>
        !dsdt.IsEmpty
        && Fadt.Find(tables, default, out ReadOnlySpan<byte> fadt, out _) == AcpiStatus.Success
        && new Fadt(fadt).MapDsdt(tables.Memory, default).SequenceEqual(dsdt);
}

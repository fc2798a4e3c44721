using System;
using Switcher.Acpi;

namespace Switcher.Boot.Verdict;

/// <summary>
/// Judges a machine by its ACPI tables: whether a system asks for S3 in a way that can be caught, told from a request to power off, and
/// answered.
/// </summary>
public static class TableVerdict
{
    /// <summary>Reads the tables and judges them.</summary>
    /// <param name="memory">Where they are.</param>
    /// <param name="rsdpAddress">Where they begin.</param>
    /// <param name="problems">Told of inconsistencies that stop nothing.</param>
    /// <param name="findings">Told of all that counts.</param>
    /// <param name="read">What was read, as far as there is anything.</param>
    public static void Judge<TMemory, TFindings>(
        TMemory memory, ulong rsdpAddress, scoped ProblemList problems, ref TFindings findings, out SleepTables<TMemory> read)
        where TMemory : struct, IAcpiMemory
        where TFindings : struct, IFindings
    {
        read = default;
        if (RootTables<TMemory>.Open(memory, rsdpAddress, problems, out RootTables<TMemory> tables) != AcpiStatus.Success)
        {
            findings.Add(Severity.Refused, "the firmware has no ACPI tables"u8);
            return;
        }
        if (Fadt.Find(tables, problems, out ReadOnlySpan<byte> bytes, out ulong address) != AcpiStatus.Success)
        {
            findings.Add(Severity.Unknown, "the ACPI tables have no FADT, which says how the machine sleeps"u8);
            return;
        }
        Fadt fadt = new(bytes);
        ReadOnlySpan<byte> dsdt = fadt.MapDsdt(memory, problems);
        read = new SleepTables<TMemory>
        {
            Tables = tables,
            HasFadt = true,
            Fadt = fadt,
            FadtAddress = address,
            Hardware = new SleepHardware(fadt),
            HasDsdt = !dsdt.IsEmpty,
            Sleep = SleepTypes.Read(tables, dsdt, problems),
        };
        ReadOnlySpan<byte> reason = Against(fadt.IsHardwareReduced, read.Hardware, read.HasDsdt, read.Sleep, out Severity severity);
        if (!reason.IsEmpty)
            findings.Add(severity, reason);
        if (!fadt.IsHardwareReduced && fadt.MapFacs(memory, default).IsEmpty)
            findings.Add(Severity.Note, "there is no FACS, where a system leaves its waking vector; each gets one from Switcher"u8);
        if (tables.IsRsdtPreferred)
            findings.Add(Severity.Note, "the XSDT leads to no FADT, so the RSDT is used"u8);
    }

    /// <summary>What speaks against a machine, nothing if all is well.</summary>
    private static ReadOnlySpan<byte> Against(
        bool isHardwareReduced, scoped in SleepHardware hardware, bool hasDsdt, scoped in SleepTypes sleep, out Severity severity)
    {
        severity = Severity.Refused;
        if (isHardwareReduced)
            return "this machine is hardware-reduced ACPI, which has no S3"u8;
        if (!hardware.Pm1aCnt.IsPresent || hardware.Pm1CntLength < 2)
            return "ACPI describes no PM1 control register, through which a system asks for S3"u8;
        if (!hardware.ArePorts)
            return "ACPI's PM1 registers are not at I/O ports, which alone can be watched"u8;
        if (hardware.AreSame(sleep.S3, sleep.S4) || hardware.AreSame(sleep.S3, sleep.S5))
            return @"ACPI's \_S3 has the values of \_S4 or \_S5, so a request to sleep cannot be told from one to power off"u8;
        severity = Severity.Unknown;
        if (!hasDsdt)
            return "ACPI has no DSDT, so it is not known how a system asks for S3 and how it powers off"u8;
        if (sleep.S3.Source == SleepStateSource.Unreadable)
            return @"ACPI's \_S3 decides by itself, so it is not known how a system asks for S3"u8;
        if (sleep.S5.Source == SleepStateSource.Unreadable)
            return @"ACPI's \_S5 decides by itself, so it is not known how a system powers off"u8;
        return sleep.S3.IsOffered || sleep.S5.IsOffered
            ? default
            : @"ACPI has neither \_S3 nor \_S5, so it is not known how a system asks for S3 and how it powers off"u8;
    }
}

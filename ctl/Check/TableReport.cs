using System;
using System.Collections.Generic;
using Switcher.Acpi;
using Switcher.Ctl.Tables;

namespace Switcher.Ctl.Check;

/// <summary>What a machine's tables say, as far as Switcher cares.</summary>
public sealed class TableReport
{
    private const int MaximumProblems = 256;

    private readonly List<string> _problems = [];

    private TableReport(TableImage image)
    {
        FacsCount = image.FacsCount;
        TableCount = image.TableCount;
    }

    /// <summary>Tables in the dump.</summary>
    public int TableCount { get; }

    /// <summary>False when there is no FADT to judge by.</summary>
    public bool HasFadt { get; private set; }

    /// <summary>False when the FADT leads to no DSDT, so that sleep types are not known.</summary>
    public bool HasDsdt { get; private set; }
    public bool IsHardwareReduced { get; private set; }
    public bool IsLowPowerS0 { get; private set; }
    public SleepHardware Hardware { get; private set; }
    public SleepTypes Sleep { get; private set; }
    public SleepSupport Support { get; private set; } = SleepSupport.NoSleepTypes;
    public int FacsCount { get; }

    /// <summary>True when \_S3 comes from Switcher because the machine's own tables give an OS none.</summary>
    public bool IsS3Synthesized => Support == SleepSupport.Supported && HasDsdt && !Sleep.S3.IsOffered;

    /// <summary>Inconsistencies, one sentence each.</summary>
    public IReadOnlyList<string> Problems => _problems;

    public ViewReport View { get; private set; } = ViewReport.None;

    public static TableReport Make(TableImage image)
    {
        TableReport report = new(image);
        Problem[] storage = new Problem[MaximumProblems + 1];
        ProblemList problems = new(storage);
        report.Read(image.Memory, image.RsdpAddress, problems);
        for (int i = 0; i < problems.Count; i++)
            report._problems.Add(ProblemText.Of(problems[i], image));
        if (problems.Dropped != 0)
            report._problems.Add($"... and {problems.Dropped} more.");
        return report;
    }

    private void Read(ImageMemory memory, ulong rsdpAddress, ProblemList problems)
    {
        if (RootTables<ImageMemory>.Open(memory, rsdpAddress, problems, out RootTables<ImageMemory> tables) != AcpiStatus.Success
            || Fadt.Find(tables, problems, out ReadOnlySpan<byte> bytes, out ulong fadtAddress) != AcpiStatus.Success)
            return;
        Fadt fadt = new(bytes);
        HasFadt = true;
        IsHardwareReduced = fadt.IsHardwareReduced;
        IsLowPowerS0 = fadt.IsLowPowerS0;
        Hardware = new SleepHardware(fadt);
        TableCheck.Run(tables, fadt, fadtAddress, problems);
        ReadOnlySpan<byte> dsdt = fadt.MapDsdt(memory, problems);
        HasDsdt = !dsdt.IsEmpty;
        Sleep = SleepTypes.Read(tables, dsdt, problems);
        Support = Hardware.Judge(Sleep);
        CheckRecords(tables, problems);
        View = ViewReport.Make(tables, Sleep);
    }

    /// <summary>Walks the tables that are lists of records, for what is wrong in them.</summary>
    private static void CheckRecords(RootTables<ImageMemory> tables, ProblemList problems)
    {
        if (tables.TryFind(Signature.Madt, 0, out ReadOnlySpan<byte> madt, out _))
        {
            for (int offset = 0; new Madt(madt).TryNext(ref offset, problems, out _);)
            {
            }
        }
        if (tables.TryFind(Signature.Dmar, 0, out ReadOnlySpan<byte> dmar, out _))
        {
            for (int offset = 0; new Dmar(dmar).TryNext(ref offset, problems, out _);)
            {
            }
        }
        if (tables.TryFind(Signature.Ivrs, 0, out ReadOnlySpan<byte> ivrs, out _))
        {
            for (int offset = 0; new Ivrs(ivrs).TryNext(ref offset, problems, out _);)
            {
            }
        }
    }
}

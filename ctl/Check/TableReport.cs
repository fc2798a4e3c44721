using System;
using System.Collections.Generic;
using Switcher.Acpi;
using Switcher.Boot.Verdict;
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
    public int FacsCount { get; }

    /// <summary>True when the machine has nothing against it and \_S3 comes from Switcher, because the tables give an OS none.</summary>
    public bool IsS3Synthesized { get; private set; }

    /// <summary>True when there is a DMAR or IVRS.</summary>
    public bool HasIommu { get; private set; }

    /// <summary>Inconsistencies, one sentence each.</summary>
    public IReadOnlyList<string> Problems => _problems;

    public ViewReport View { get; private set; } = ViewReport.None;

    /// <summary>Reads the tables, and judges the machine by them as the boot does.</summary>
    public static TableReport Make(TableImage image, Judgement judgement)
    {
        TableReport report = new(image);
        Problem[] storage = new Problem[MaximumProblems + 1];
        ProblemList problems = new(storage);
        if (image.TableCount == 0)
            judgement.Doubt("there are no ACPI tables in what was read");
        else
            report.Read(image, judgement, problems);
        for (int i = 0; i < problems.Count; i++)
            report._problems.Add(ProblemText.Of(problems[i], image));
        if (problems.Dropped != 0)
            report._problems.Add($"... and {problems.Dropped} more.");
        return report;
    }

    private void Read(TableImage image, Judgement judgement, ProblemList problems)
    {
        JudgementFindings findings = new(judgement);
        TableVerdict.Judge(image.Memory, image.RsdpAddress, problems, ref findings, out SleepTables<ImageMemory> read);
        HasFadt = read.HasFadt;
        if (!HasFadt)
            return;
        IsHardwareReduced = read.Fadt.IsHardwareReduced;
        IsLowPowerS0 = read.Fadt.IsLowPowerS0;
        Hardware = read.Hardware;
        HasDsdt = read.HasDsdt;
        Sleep = read.Sleep;
        IsS3Synthesized = judgement.Verdict == Verdict.Ok && !Sleep.S3.IsOffered;
        RootTables<ImageMemory> tables = read.Tables;
        TableCheck.Run(tables, read.Fadt, read.FadtAddress, problems);
        bool hasDmar = CheckRecords(tables, Signature.Dmar, problems);
        HasIommu = CheckRecords(tables, Signature.Ivrs, problems) || hasDmar;
        CheckRecords(tables, Signature.Madt, problems);
        View = ViewReport.Make(tables, Sleep);
    }

    /// <summary>Walks a table that is a list of records, for what is wrong in it; false without such a table.</summary>
    private static bool CheckRecords(RootTables<ImageMemory> tables, Signature signature, ProblemList problems)
    {
        if (!tables.TryFind(signature, 0, out ReadOnlySpan<byte> table, out _))
            return false;
        for (int offset = 0; TableRecords.TryNext(table, ref offset, problems, out _);)
        {
        }
        return true;
    }
}

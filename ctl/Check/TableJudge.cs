using Switcher.Acpi;

namespace Switcher.Ctl.Check;

/// <summary>Judges a machine by its tables.</summary>
public static class TableJudge
{
    public static void Judge(TableReport report, Judgement judgement)
    {
        if (report.TableCount == 0)
        {
            judgement.Doubt("There are no ACPI tables in what was read.");
            return;
        }
        if (!report.HasFadt)
        {
            judgement.Doubt("There is no FADT among the tables, which says how the machine sleeps.");
            return;
        }
        switch (report.Support)
        {
            case SleepSupport.HardwareReduced:
                judgement.Refuse("The machine has hardware-reduced ACPI: no PM1 control register to ask for S3 with, and no waking vector "
                    + "that an operating system would set, so nothing could wake a suspended system. Windows and Linux offer no S3 there.");
                return;
            case SleepSupport.NoPm1Control:
                judgement.Refuse("The FADT names no PM1a control register, through which an operating system asks for S3.");
                return;
            case SleepSupport.Pm1NotPorts:
                judgement.Refuse("The PM1 control register is not at an I/O port; Switcher intercepts ports only.");
                return;
        }
        if (!report.HasDsdt)
        {
            judgement.Doubt("There is no DSDT among the tables, so the values that ask for S3 and S5 are not known.");
            return;
        }
        switch (report.Support)
        {
            case SleepSupport.NoSleepTypes:
                judgement.Doubt("The values that ask for S3 and S5 could not be found in the tables, so a request to sleep cannot be "
                    + "told from one to power off.");
                return;
            case SleepSupport.SleepTypesCollide:
                judgement.Refuse("The tables give S3 the same values as S4 or S5, so a request to sleep cannot be "
                    + "told from one to power off.");
                return;
        }
        judgement.Note($"Requests to sleep go through PM1a_CNT at I/O port "
            + $"0x{report.Hardware.Pm1aCnt.Address:x}, which Switcher intercepts.");
        judgement.Note(SleepNote(report));
        if (report.IsLowPowerS0)
            judgement.Note("The firmware asks for low-power idle in S0 (modern standby) instead of S3; Switcher "
                + "clears that flag for its guests.");
        if (report.FacsCount == 0)
            judgement.Note("There is no FACS; each guest gets one from Switcher.");
    }

    private static string SleepNote(TableReport report)
    {
        SleepState s3 = report.Sleep.S3;
        return s3.Source switch
        {
            SleepStateSource.Present => $"The tables offer S3 (\\_S3 with SLP_TYP {Values(report)}).",
            SleepStateSource.Conditional
                => $"The tables offer S3 (SLP_TYP {Values(report)}) if a firmware setting says so that cannot be read here; "
                + "where it does not, Switcher adds it.",
            SleepStateSource.Disabled => "The firmware has S3 turned off in its tables; Switcher adds it for its guests.",
            SleepStateSource.Renamed => "The firmware hides S3 under another name; Switcher adds it for its guests.",
            _ => "The firmware has no S3; Switcher adds it for its guests, and the hardware never sees the request.",
        };
    }

    private static string Values(TableReport report)
    {
        SleepState s3 = report.Sleep.S3;
        return report.Hardware.Pm1bCnt.IsPresent ? $"{s3.SlpTypA} for PM1a and {s3.SlpTypB} for PM1b" : $"{s3.SlpTypA}";
    }
}

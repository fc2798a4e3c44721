using Switcher.Acpi;

namespace Switcher.Ctl.Check;

/// <summary>What is good to know of a machine that has nothing against it in its tables.</summary>
public static class TableNotes
{
    public static void Add(TableReport report, Judgement judgement)
    {
        SleepState s3 = report.Sleep.GuestS3;
        string values = report.Hardware.Pm1bCnt.IsPresent ? $"{s3.SlpTypA} and {s3.SlpTypB}" : $"{s3.SlpTypA}";
        judgement.Note($"requests to sleep go through I/O port 0x{report.Hardware.Pm1aCnt.Address:x}, which Switcher watches");
        judgement.Note(report.Sleep.S3.Source switch
        {
            SleepStateSource.Present => $"the tables offer S3, as sleep type {values}",
            SleepStateSource.Conditional => $"the tables offer S3, as sleep type {values}, if a firmware setting says so that cannot be "
                + "read here; where it does not, Switcher adds it",
            SleepStateSource.Disabled => $"the tables have S3 turned off; Switcher adds it, as sleep type {values}",
            SleepStateSource.Renamed => $"the tables hide S3 under another name; Switcher adds it, as sleep type {values}",
            _ => $"the tables have no S3; Switcher adds it, as sleep type {values}, and the hardware never sees the request",
        });
        if (report.Sleep.S4.Source == SleepStateSource.Unreadable)
            judgement.Note("how a system hibernates is not known; such a request is held back");
        if (report.IsLowPowerS0)
            judgement.Note("the firmware asks for low-power idle in S0 (modern standby) instead of S3; Switcher clears that flag");
        if (report.HasIommu)
            judgement.Note("there is an IOMMU; Switcher leaves it to the systems and confines no DMA yet");
    }
}

using System;
using System.Collections.Generic;
using System.Text;
using Switcher.Boot.Memory;
using Switcher.Boot.Plan;
using Switcher.Boot.Verdict;
using Switcher.Ctl.Check;

namespace Switcher.Ctl.Live;

/// <summary>Judges the running machine by everything but its ACPI tables: CPU, firmware, memory, boot options, disks.</summary>
public static class MachineJudge
{
    private const ulong MiB = 1 << 20;

    /// <summary>The program and its log, and the pages of a CPU, as the log of a start shows them, generously.</summary>
    private const ulong ProgramBytes = 1 * MiB;
    private const int PagesOfACpu = 32;

    public static void Judge(LinuxFiles files, Judgement judgement)
    {
        CpuInfo? cpu = JudgeCpu(files, judgement);
        bool isEfi = JudgeFirmware(files, judgement);
        List<GuestOption> guests = isEfi ? FirmwareOptions.ReadGuests(files, judgement) : [];
        JudgeMemory(files, cpu, guests, judgement);
        NoteSleep(files, judgement);
        WarnOfDisks(Storage.Read(files), guests, judgement);
    }

    private static CpuInfo? JudgeCpu(LinuxFiles files, Judgement judgement)
    {
        if (files.ReadText("proc/cpuinfo") is not { } text)
        {
            judgement.Doubt("the CPU's features could not be read");
            return null;
        }
        CpuInfo cpu = CpuInfo.Parse(text);
        if (cpu.IsVirtual)
            judgement.Note("this Linux runs in a virtual machine, which must offer nested virtualization");
        JudgementFindings findings = new(judgement);
        CpuVerdict.Judge(cpu.Has, cpu.Known, cpu.Count, ref findings);
        if (cpu.Has == CpuOffer.All)
            judgement.Note($"the CPU ({cpu.Model}) has what is needed");
        if (!cpu.Has.HasFlag(CpuOffer.Virtualization))
            judgement.Changes.Add("Turn on hardware virtualization, if the CPU has it: \"SVM Mode\" (AMD) or \"Intel Virtualization "
                + "Technology\", often under \"CPU\", \"Advanced\" or \"Security\".");
        return cpu;
    }

    /// <returns>True when Linux was started by UEFI.</returns>
    private static bool JudgeFirmware(LinuxFiles files, Judgement judgement)
    {
        if (!files.Exists("sys/firmware/efi"))
        {
            judgement.Refuse("Linux was not started by UEFI; Switcher is a UEFI program");
            judgement.Changes.Add("Turn off legacy boot (CSM) and start the systems by UEFI, if the firmware can.");
            return false;
        }
        if (files.ReadText("sys/firmware/efi/fw_platform_size")?.Trim() == "32")
            judgement.Refuse("the firmware is a 32-bit UEFI; Switcher needs a 64-bit one");
        switch (FirmwareOptions.ReadSecureBoot(files))
        {
            case true:
                judgement.Refuse("Secure Boot is on, and Switcher is not signed with a key that the firmware knows");
                judgement.Changes.Add("Turn off Secure Boot, or enrol a key of your own and sign Switcher.efi with it.");
                break;
            case null:
                judgement.Note("the firmware does not say whether Secure Boot is on; it must be off");
                break;
        }
        return true;
    }

    /// <summary>Plans the memory as the boot does, for two systems if there are not that many.</summary>
    private static void JudgeMemory(LinuxFiles files, CpuInfo? cpu, List<GuestOption> guests, Judgement judgement)
    {
        if (MemoryMap.Read(files) is not { } map)
        {
            judgement.Doubt("the amount of memory could not be read");
            return;
        }
        int count = Math.Max(guests.Count, MemoryPlanner.MinimumGuests);
        MemoryRequest[] requests = new MemoryRequest[count];
        for (int i = 0; i < guests.Count; i++)
            requests[i] = guests[i].Memory;
        HypervisorMemory needs = new()
        {
            ProgramBytes = ProgramBytes,
            Cpus = cpu?.Count ?? 1,
            PagesOfACpu = PagesOfACpu,
            Guests = count,
            Acpi = map.Acpi,
            PhysicalAddressBits = cpu?.PhysicalAddressBits ?? 39,
            LargestNestedPage = cpu?.LargestNestedPage ?? PageSize.Large,
            LargestPage = cpu?.LargestPage ?? PageSize.Large,
        };
        PlannedRange[] table = new PlannedRange[MemoryPlanner.TableEntries];
        PlanFailure failure = MemoryPlanner.Plan(map.Descriptors, requests, needs.Bytes, 0, table, out MemoryPlan plan);
        JudgementFindings findings = new(judgement);
        bool isOfGuest = failure.Index >= 0 && failure.Index < guests.Count;
        ReadOnlySpan<byte> name = isOfGuest ? Encoding.UTF8.GetBytes(guests[failure.Index].Description) : "a system"u8;
        MemoryVerdict.Judge(failure, name, ref findings);
        if (failure.Status != PlanStatus.Ok)
            return;
        for (int i = 0; i < guests.Count; i++)
            judgement.Shares.Add($"Boot{guests[i].Number:X4} \"{guests[i].Description}\": {Share(plan, i)}");
        if (guests.Count < MemoryPlanner.MinimumGuests)
            judgement.Shares.Add($"Of two systems each: {Share(plan, 0)}");
    }

    private static string Share(MemoryPlan plan, int guest) =>
        $"about {plan.PartitionBytes(guest) / MiB} MiB of RAM, all CPUs and all devices while it runs.";

    /// <summary>What this Linux can do without Switcher: it has evaluated the tables with everything that they depend on.</summary>
    private static void NoteSleep(LinuxFiles files, Judgement judgement)
    {
        if (files.ReadText("sys/power/mem_sleep") is not { } states)
            return;
        judgement.Note(states.Contains("deep", StringComparison.Ordinal)
            ? "this Linux itself finds S3 in the tables (\"deep\" in /sys/power/mem_sleep)"
            : "this Linux itself finds no S3 in the tables (no \"deep\" in /sys/power/mem_sleep)");
    }

    private static void WarnOfDisks(Storage storage, List<GuestOption> guests, Judgement judgement)
    {
        if (storage.Writable.Count != 0)
            judgement.Risks.Add($"This system has {string.Join(", ", storage.Writable)} mounted writable. No other "
                + "system may mount the same file "
                + "systems, not even read-only: a suspended system still has them open.");
        if (storage.WritableEsp != null)
            judgement.Risks.Add($"The EFI system partition is mounted writable at {storage.WritableEsp}. If the systems "
                + "share it, mount it only while "
                + "it is needed (noauto, or systemd's automount), in all of them.");
        if (storage.Swap.Count != 0)
            judgement.Risks.Add($"This system swaps to {string.Join(", ", storage.Swap)}: no other system may use it "
                + "as swap or for hibernation.");
        bool hasWindows = storage.Ntfs.Count + storage.BitLocker.Count != 0 || guests.Exists(guest => guest.IsWindows);
        if (hasWindows)
            judgement.Risks.Add("Windows: turn off Fast Startup (powercfg /h off), or it hibernates instead of shutting down "
                + "and finds its disks changed.");
        if (storage.Ntfs.Count != 0)
            judgement.Risks.Add($"Windows file systems ({string.Join(", ", storage.Ntfs)}): do not mount them here "
                + "while Windows is suspended.");
        if (storage.BitLocker.Count != 0)
            judgement.Risks.Add($"BitLocker encrypts {string.Join(", ", storage.BitLocker)}: have the recovery key "
                + "at hand, since a start through "
                + "Switcher changes what the TPM measures; suspend BitLocker once before the first start.");
    }
}

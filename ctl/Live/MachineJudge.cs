using System;
using System.Collections.Generic;
using Switcher.Ctl.Check;

namespace Switcher.Ctl.Live;

/// <summary>Judges the running machine by everything but its ACPI tables: CPU, firmware, memory, boot options, disks.</summary>
public static class MachineJudge
{
    private const ulong MiB = 1 << 20;

    /// <summary>RAM for a guest below which no current system is of use.</summary>
    private const ulong LeastGuestMemory = 512 * MiB;

    /// <summary>What the hypervisor keeps for itself, and for each guest.</summary>
    private const ulong HypervisorMemory = 16 * MiB;
    private const ulong HypervisorMemoryForGuest = 2 * MiB;

    public static void Judge(LinuxFiles files, Judgement judgement)
    {
        JudgeCpu(files, judgement);
        bool isEfi = JudgeFirmware(files, judgement);
        List<BootOption> guests = isEfi ? BootOption.ReadGuests(files) : [];
        JudgeMemory(files, guests, judgement);
        NoteSleep(files, judgement);
        WarnOfDisks(Storage.Read(files), guests, judgement);
    }

    private static void JudgeCpu(LinuxFiles files, Judgement judgement)
    {
        if (files.ReadText("proc/cpuinfo") is not { } text)
        {
            judgement.Doubt("The CPU's features could not be read.");
            return;
        }
        CpuFeatures cpu = CpuFeatures.Parse(text);
        if (cpu.IsVirtual)
            judgement.Note("This Linux runs in a virtual machine, which must offer nested virtualization.");
        if (cpu.IsIntel)
            JudgeIntel(cpu, judgement);
        else if (cpu.IsAmd)
            JudgeAmd(cpu, judgement);
        else
            judgement.Refuse($"The CPU ({cpu.Vendor}) is neither Intel's nor AMD's.");
    }

    private static void JudgeIntel(CpuFeatures cpu, Judgement judgement)
    {
        if (!cpu.HasVmx)
        {
            judgement.Refuse("The CPU shows no VMX (hardware virtualization).");
            judgement.Changes.Add(
                "Turn on Intel Virtualization Technology (VT-x), if the CPU has it: the setting is often under \"CPU\" or \"Security\".");
        }
        else if (!cpu.KnowsVmxFlags)
        {
            judgement.Doubt("The CPU has VMX, but this kernel does not say whether it has EPT and unrestricted guest.");
        }
        else if (!cpu.HasEpt || !cpu.HasUnrestrictedGuest)
        {
            judgement.Refuse($"The CPU's VMX lacks {(cpu.HasEpt ? "unrestricted guest" : "extended page tables (EPT)")}.");
        }
        else
        {
            judgement.Note($"The CPU ({cpu.Model}) has VMX with EPT and unrestricted guest.");
        }
    }

    private static void JudgeAmd(CpuFeatures cpu, Judgement judgement)
    {
        if (!cpu.HasSvm)
        {
            judgement.Refuse("The CPU shows no SVM (hardware virtualization).");
            judgement.Changes.Add("Turn on SVM Mode, if the CPU has it: the setting is often under \"Advanced CPU configuration\".");
        }
        else if (!cpu.HasNpt)
        {
            judgement.Refuse("The CPU's SVM lacks nested paging (NPT).");
        }
        else
        {
            judgement.Note($"The CPU ({cpu.Model}) has SVM with nested paging.");
        }
    }

    /// <returns>True when Linux was started by UEFI.</returns>
    private static bool JudgeFirmware(LinuxFiles files, Judgement judgement)
    {
        if (!files.Exists("sys/firmware/efi"))
        {
            judgement.Refuse("Linux was not started by UEFI; Switcher is a UEFI program.");
            judgement.Changes.Add("Turn off legacy boot (CSM) and start the systems by UEFI, if the firmware can.");
            return false;
        }
        if (files.ReadText("sys/firmware/efi/fw_platform_size")?.Trim() == "32")
            judgement.Refuse("The firmware is a 32-bit UEFI; Switcher needs a 64-bit one.");
        switch (BootOption.ReadSecureBoot(files))
        {
            case true:
                judgement.Refuse("Secure Boot is on, and Switcher is not signed with a key that the firmware knows.");
                judgement.Changes.Add("Turn off Secure Boot, or enrol a key of your own and sign Switcher.efi with it.");
                break;
            case null:
                judgement.Note("The firmware does not say whether Secure Boot is on; it must be off.");
                break;
        }
        return true;
    }

    private static void JudgeMemory(LinuxFiles files, List<BootOption> guests, Judgement judgement)
    {
        if (MemoryMap.Read(files) is not { } map)
        {
            judgement.Doubt("The amount of memory could not be read.");
            return;
        }
        if (guests.Count < 2)
            judgement.Note($"The firmware's boot order has {guests.Count} operating systems on fixed disks; Switcher shares a "
                + "machine between two or more.");
        ulong count = (ulong)Math.Max(guests.Count, 2);
        ulong kept = HypervisorMemory + count * HypervisorMemoryForGuest;
        ulong share = map.Bytes > kept ? (map.Bytes - kept) / count : 0;
        if (share < LeastGuestMemory)
            judgement.Refuse($"There are {map.Bytes / MiB} MiB of RAM: too little for {count} systems at once.");
        if (map.BytesBelow4GiB is { } low && low / count < LeastGuestMemory / 2)
            judgement.Refuse($"Only {low / MiB} MiB of RAM lie below 4 GiB, where each of {count} systems needs some.");
        for (int i = 0; i < guests.Count; i++)
            judgement.Shares.Add(
                $"Boot{guests[i].Number:X4} \"{guests[i].Description}\": about {share / MiB} MiB of RAM, all CPUs "
                + "and all devices while it runs.");
        if (guests.Count < 2)
            judgement.Shares.Add($"Of two systems each: about {share / MiB} MiB of RAM, all CPUs and all devices while it runs.");
    }

    /// <summary>What this Linux can do without Switcher: it has evaluated the tables with everything that they depend on.</summary>
    private static void NoteSleep(LinuxFiles files, Judgement judgement)
    {
        if (files.ReadText("sys/power/mem_sleep") is not { } states)
            return;
        judgement.Note(states.Contains("deep", StringComparison.Ordinal)
            ? "This Linux itself finds S3 in the tables (\"deep\" in /sys/power/mem_sleep)."
            : "This Linux itself finds no S3 in the tables (no \"deep\" in /sys/power/mem_sleep).");
    }

    private static void WarnOfDisks(Storage storage, List<BootOption> guests, Judgement judgement)
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

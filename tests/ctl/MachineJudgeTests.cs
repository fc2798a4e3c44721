using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Switcher.Ctl.Check;
using Switcher.Ctl.Live;
using Xunit;

namespace Switcher.Tests.Ctl;

/// <summary>Everything that <c>switcherctl check</c> reads of a running Linux besides ACPI, on made-up file systems.</summary>
public sealed class MachineJudgeTests : IDisposable
{
    private const string GlobalVariable = "8be4df61-93ca-11d2-aa0d-00e098032b8c";

    private const string SwitcherVariable = "5e7b3c0a-9d1f-4c52-8a66-3f0c2d9b71e4";
    private const string Neither = "this CPU has neither AMD SVM nor Intel VMX";
    private const string Fewer = "fewer than two boot options are operating systems on a fixed disk";
    private const string Low = "00001000-0009ffff : System RAM\n";

    private const string Intel = """
        processor	: 0
        vendor_id	: GenuineIntel
        model name	: Intel(R) Core(TM) i7-10510U CPU @ 1.80GHz
        flags		: fpu vme de pse tsc msr lm vmx ept
        vmx flags	: vnmi preemption_timer invvpid ept_ad flexpriority ept vpid unrestricted_guest ple
        processor	: 1
        vendor_id	: GenuineIntel
        """;

    private const string Amd = """
        processor	: 0
        vendor_id	: AuthenticAMD
        model name	: AMD Ryzen 7 5800H
        flags		: fpu vme de pse tsc msr lm svm npt nrip_save
        """;

    private const string Iomem = """
        00000000-00000fff : Reserved
        00001000-0009ffff : System RAM
        00100000-7fffffff : System RAM
          01000000-01ffffff : Kernel code
        fec00000-fec00fff : Reserved
        100000000-47fffffff : System RAM
        """;

    private readonly string _root = Directory.CreateTempSubdirectory("switcher-check-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private void Write(string path, byte[] bytes)
    {
        string full = Path.Join(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllBytes(full, bytes);
    }

    private void Write(string path, string text) => Write(path, Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n")));

    private void WriteVariable(string name, params byte[] data) =>
        Write($"sys/firmware/efi/efivars/{name}-{GlobalVariable}", [7, 0, 0, 0, .. data]);

    /// <summary>A boot option: attributes, description, HD() and File() nodes (UEFI 2.10, 3.1.3).</summary>
    private static byte[] Option(string description, string path, bool isActive = true, bool isOnDisk = true)
    {
        byte[] file = [.. Encoding.Unicode.GetBytes(path), 0, 0];
        byte[] nodes =
        [
            .. isOnDisk ? (byte[])[4, 1, 42, 0, .. new byte[38]] : [3, 5, 6, 0, 0, 0],
            4, 4, (byte)(4 + file.Length), 0, .. file,
            0x7F, 0xFF, 4, 0,
        ];
        return [(byte)(isActive ? 1 : 0), 0, 0, 0, (byte)nodes.Length, 0, .. Encoding.Unicode.GetBytes(description), 0, 0, .. nodes, 1, 2,
            3];
    }

    private void WriteSaneMachine()
    {
        Write("proc/cpuinfo", Intel);
        Write("proc/iomem", Iomem);
        Write("sys/firmware/efi/fw_platform_size", "64\n");
        WriteVariable("SecureBoot", 0);
        WriteVariable("BootOrder", 3, 0, 1, 0, 2, 0, 4, 0, 9, 0);
        WriteVariable("Boot0001", Option("debian", "\\EFI\\debian\\shimx64.efi"));
        WriteVariable("Boot0002", Option("USB stick", "\\EFI\\BOOT\\BOOTX64.EFI", isOnDisk: false));
        WriteVariable("Boot0003", Option("Windows Boot Manager", "\\EFI\\Microsoft\\Boot\\bootmgfw.efi"));
        WriteVariable("Boot0004", Option("old", "\\EFI\\old\\grubx64.efi", isActive: false));
    }

    private Judgement Judge()
    {
        Judgement judgement = new();
        MachineJudge.Judge(new LinuxFiles(_root), judgement);
        return judgement;
    }

    [Fact]
    public void Judge_MachineWithEverything_WillDo()
    {
        WriteSaneMachine();
        Judgement judgement = Judge();
        Assert.Equal(Verdict.Ok, judgement.Verdict);
        // 16 GiB less what hypervisor and firmware keep, by two, in boot order.
        Assert.Equal(
            [
                "Boot0003 \"Windows Boot Manager\": about 8170 MiB of RAM, all CPUs and all devices while it runs.",
                "Boot0001 \"debian\": about 8170 MiB of RAM, all CPUs and all devices while it runs.",
            ],
            judgement.Shares);
        Assert.Contains(judgement.Risks, risk => risk.Contains("Fast Startup", StringComparison.Ordinal));
    }

    [Fact]
    public void Judge_Amd_WillDo()
    {
        WriteSaneMachine();
        Write("proc/cpuinfo", Amd);
        Assert.Equal(Verdict.Ok, Judge().Verdict);
    }

    public static TheoryData<string, string, string> Lacks => new()
    {
        { "proc/cpuinfo", Intel.Replace(" vmx ", " ", StringComparison.Ordinal), Neither },
        { "proc/cpuinfo", Intel.Replace("unrestricted_guest", "", StringComparison.Ordinal), "this CPU has no unrestricted guest mode" },
        { "proc/cpuinfo", Intel.Replace(" ept", "", StringComparison.Ordinal), "this CPU has no nested paging (AMD NPT, Intel EPT)" },
        { "proc/cpuinfo", Amd.Replace("svm", "", StringComparison.Ordinal), Neither },
        { "proc/cpuinfo", Amd.Replace("npt", "", StringComparison.Ordinal), "this CPU has no nested paging (AMD NPT, Intel EPT)" },
        { "proc/cpuinfo", Amd.Replace("AuthenticAMD", "CentaurHauls", StringComparison.Ordinal), Neither },
        { "proc/cpuinfo", Amd + string.Concat(Enumerable.Repeat("\nprocessor : 1", 256)), "this machine has more CPUs than Switcher" },
        { "proc/iomem", Low + "00100000-17ffffff : System RAM", "too little memory (364 MiB, needed 384 MiB)" },
        { "proc/iomem", Low + "00100000-0fffffff : System RAM\n100000000-47fffffff : System RAM", "too little memory below 4 GiB for " },
        { "proc/iomem", "00100000-7fffffff : System RAM", "no free memory below 640 KiB (0 MiB, needed 1 MiB)" },
        { $"sys/firmware/efi/efivars/BootOrder-{GlobalVariable}", "\a\0\0\0\u0001\0\u0002\0\u0004\0", Fewer },
        { $"sys/firmware/efi/efivars/SwitcherGuest0001-{SwitcherVariable}", "\a\0\0\0memory=100M", "requested for debian (100 MiB" },
        { "sys/firmware/efi/fw_platform_size", "32\n", "32-bit" },
        { $"sys/firmware/efi/efivars/SecureBoot-{GlobalVariable}", "\u0006\0\0\0\u0001", "Secure Boot" },
    };

    [Theory]
    [MemberData(nameof(Lacks))]
    public void Judge_MachineThatLacksSomething_WillNotDoAndSaysWhat(string path, string text, string expected)
    {
        WriteSaneMachine();
        Write(path, text);
        Judgement judgement = Judge();
        Assert.Equal(Verdict.Refused, judgement.Verdict);
        Assert.Contains(judgement.Reasons, reason => reason.Contains(expected, StringComparison.Ordinal));
    }

    /// <summary>What <c>SwitcherGuests</c> names runs, and in that order, as in the boot.</summary>
    [Fact]
    public void Judge_ListedGuests_AreThoseThatRun()
    {
        WriteSaneMachine();
        Write($"sys/firmware/efi/efivars/SwitcherGuests-{SwitcherVariable}", [7, 0, 0, 0, 2, 0, 9, 0, 1, 0]);
        Judgement judgement = Judge();
        Assert.Equal(Verdict.Ok, judgement.Verdict);
        Assert.StartsWith("Boot0002 \"USB stick\"", judgement.Shares[0], StringComparison.Ordinal);
        Assert.StartsWith("Boot0001 \"debian\"", judgement.Shares[1], StringComparison.Ordinal);
        Assert.Contains("Boot0009: there is no such boot option", judgement.Reasons);
    }

    [Fact]
    public void Judge_UnreadableBootOptions_CannotTell()
    {
        WriteSaneMachine();
        Directory.Delete(Path.Join(_root, "sys/firmware/efi/efivars"), recursive: true);
        Assert.Equal(Verdict.Unknown, Judge().Verdict);
    }

    [Theory]
    [InlineData("MemTotal:        8000000 kB\n", Verdict.Ok)]
    [InlineData("MemTotal:        400000 kB\n", Verdict.Refused)]
    public void Judge_WithoutRoot_JudgesByTheAmountOfMemory(string text, Verdict expected)
    {
        WriteSaneMachine();
        Write("proc/iomem", "00000000-00000000 : System RAM\n");
        Write("proc/meminfo", text);
        Assert.Equal(expected, Judge().Verdict);
    }

    [Fact]
    public void Judge_WithoutUefi_SaysWhatToChange()
    {
        WriteSaneMachine();
        Directory.Delete(Path.Join(_root, "sys/firmware/efi"), recursive: true);
        Judgement judgement = Judge();
        Assert.Equal(Verdict.Refused, judgement.Verdict);
        Assert.Contains(judgement.Changes, change => change.Contains("CSM", StringComparison.Ordinal));
    }

    [Fact]
    public void Judge_OldKernelThatKnowsNoVmxFlags_CannotTell()
    {
        WriteSaneMachine();
        Write("proc/cpuinfo", string.Join('\n', Intel.Split('\n').Where(line => !line.StartsWith("vmx flags", StringComparison.Ordinal))));
        Assert.Equal(Verdict.Unknown, Judge().Verdict);
    }

    [Fact]
    public void Judge_SharedDisks_AreNamedAsRisks()
    {
        WriteSaneMachine();
        Write("proc/mounts", """
            /dev/nvme0n1p3 / ext4 rw,relatime 0 0
            /dev/nvme0n1p1 /boot/efi vfat rw,relatime 0 0
            /dev/nvme0n1p4 /media/My\040Disk ntfs3 ro,relatime 0 0
            tmpfs /run tmpfs rw 0 0
            """);
        Write("proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n/dev/nvme0n1p2 partition\t1000\t0\t-2\n/dev/zram0 partition 1 0 5\n");
        Write("sys/class/block/nvme0n1p4/partition", "4\n");
        Write("dev/nvme0n1p4", [0xEB, 0x52, 0x90, .. "NTFS    "u8, 0, 2]);
        Write("sys/class/block/nvme0n1p5/partition", "5\n");
        Write("dev/nvme0n1p5", [0xEB, 0x58, 0x90, .. "-FVE-FS-"u8, 0, 2]);
        List<string> risks = Judge().Risks;
        Assert.Contains(risks, risk => risk.StartsWith("This system has / mounted writable.", StringComparison.Ordinal));
        Assert.Contains(risks, risk => risk.Contains("writable at /boot/efi", StringComparison.Ordinal));
        Assert.Contains(risks, risk => risk.Contains("/dev/nvme0n1p2", StringComparison.Ordinal)
            && !risk.Contains("zram", StringComparison.Ordinal));
        Assert.Contains(risks, risk => risk.Contains("/dev/nvme0n1p4", StringComparison.Ordinal));
        Assert.Contains(risks, risk => risk.Contains("BitLocker encrypts /dev/nvme0n1p5", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 1, 0, 0, 0, 0xFF, 0xFF, 65, 0 })] // no end of the description
    [InlineData(new byte[] { 1, 0, 0, 0, 8, 0, 65, 0, 0, 0, 4, 1, 0xFF, 0xFF })] // a node longer than the path
    public void BootOption_Damaged_IsNoGuest(byte[] data)
    {
        WriteSaneMachine();
        WriteVariable("Boot0003", data);
        Judgement judgement = Judge();
        Assert.Equal(Verdict.Refused, judgement.Verdict);
        Assert.Contains("Boot0003: malformed", judgement.Reasons);
        Assert.Contains(Fewer, judgement.Reasons);
    }
}

using System.Collections.Generic;
using System.Linq;
using Switcher.Runner;
using Switcher.Runner.Emulators;
using Switcher.Runner.Flash;
using Switcher.Runner.Guests;
using Switcher.Runner.Prepare;
using Xunit;

namespace Switcher.Tests.Runner;

public class QemuArgumentsTests
{
    private static readonly MachineOptions Machine = new(2, 1024, "/run/system.img");

    /// <summary>
    /// With a thread for each CPU, QEMU loses changes of the first one's flags, and guests crash or hang once in a while.
    /// </summary>
    [Fact]
    public void QemuArguments_TranslatedMachine_HasOneThreadForAllCpusAndSvm()
    {
        Assert.Equal("tcg,thread=single", ValueOf("-accel", Machine));
        Assert.Equal("EPYC,+svm,+npt", ValueOf("-cpu", Machine));
        Assert.Equal(("2", "1024"), (ValueOf("-smp", Machine), ValueOf("-m", Machine)));
    }

    [Fact]
    public void QemuArguments_AcceleratedMachine_HasTheHostsCpuWithoutItsClock()
    {
        MachineOptions machine = Machine with { Accelerated = true };
        Assert.Equal(("kvm", "host,kvm=off"), (ValueOf("-accel", machine), ValueOf("-cpu", machine)));
    }

    [Fact]
    public void QemuArguments_ModelGiven_IsTheCpu() => Assert.Equal("qemu64", ValueOf("-cpu", Machine with { CpuModel = "qemu64" }));

    /// <summary>The build that needs SMM, with its variables where only SMM writes; the other without either.</summary>
    [Theory]
    [InlineData(false, "q35,smm=off", "OVMF_CODE_4M.fd")]
    [InlineData(true, "q35,smm=on", "OVMF_CODE_4M.secboot.fd")]
    public void QemuArguments_WithAndWithoutSmm_HaveTheFirmwareBuiltForIt(bool hasSmm, string board, string firmware)
    {
        MachineOptions machine = Machine with { HasSmm = hasSmm };
        Assert.Equal(board, ValueOf("-machine", machine));
        Assert.Equal($"if=pflash,unit=0,format=raw,readonly=on,file=/cache/root/usr/share/OVMF/{firmware}", ValueOf("-drive", machine));
        Assert.Equal(hasSmm, Arguments(machine).Contains("driver=cfi.pflash01,property=secure,value=on"));
    }

    [Fact]
    public void QemuArguments_CommaInAPath_IsDoubled() =>
        Assert.Contains("if=none,id=system,format=raw,file=/a,,b.img", Arguments(Machine with { SystemDisk = "/a,b.img" }));

    [Fact]
    public void QemuArguments_WritesToTheFlashAreLogged_GoThroughTheFilterThatLogsThem()
    {
        Assert.Contains("if=pflash,unit=1,format=raw,file=/run/variables.fd", Arguments(Machine));
        string flash = Arguments(Machine with { Flash = new FlashOptions("/run/variables.fd", "/run/a,b.log") })
            .Single(argument => argument.StartsWith("if=pflash,unit=1", System.StringComparison.Ordinal));
        Assert.StartsWith("if=pflash,unit=1,driver=blklogwrites,", flash);
        Assert.Contains(",file.filename=/run/variables.fd,", flash);
        Assert.Contains(",log.filename=/run/a,,b.log,", flash);
    }

    [Fact]
    public void QemuArguments_FlashThatIsNotKept_IsMemoryFromAFile()
    {
        IReadOnlyList<string> arguments = Arguments(Machine with { Flash = new FlashOptions("/run/variables.fd", IsKept: false) });
        Assert.Contains("loader,file=/run/variables.fd,addr=0xFFC00000,force-raw=on", arguments);
        Assert.DoesNotContain("if=pflash,unit=1,format=raw,file=/run/variables.fd", arguments);
    }

    [Fact]
    public void QemuArguments_DisksOfBothControllers_AreAttachedInOrder()
    {
        IReadOnlyList<string> arguments = Arguments(Machine with
        {
            Disks = [new AttachedDisk("/a.disk", DiskTransport.Nvme), new AttachedDisk("/b.disk", DiskTransport.Ahci)],
        });
        Assert.Contains("nvme,serial=disk0,drive=disk0", arguments);
        Assert.Contains("ide-hd,bus=ide.1,drive=disk1", arguments);
    }

    [Fact]
    public void QemuArguments_DebuggerPort_HoldsTheMachineAtItsFirstInstruction()
    {
        Assert.DoesNotContain("-S", Arguments(Machine));
        MachineOptions debugged = Machine with { DebuggerPort = 1234 };
        Assert.Contains("-S", Arguments(debugged));
        Assert.Equal("tcp:127.0.0.1:1234", ValueOf("-gdb", debugged));
    }

    private static string ValueOf(string option, MachineOptions machine) =>
        Arguments(machine).SkipWhile(argument => argument != option).ElementAt(1);

    private static IReadOnlyList<string> Arguments(MachineOptions machine) =>
        QemuArguments.Build(new Cache("/cache"), machine, "/run/variables.fd", ["/run/0", "/run/1", "/run/2", "/run/3"]);
}

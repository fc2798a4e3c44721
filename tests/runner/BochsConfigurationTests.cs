using System;
using System.Linq;
using Switcher.Runner;
using Switcher.Runner.Emulators;
using Switcher.Runner.Guests;
using Xunit;

namespace Switcher.Tests.Runner;

public class BochsConfigurationTests
{
    private static readonly MachineOptions Machine = new(2, 1024, "/run/system.img");

    [Fact]
    public void BochsConfiguration_Machine_HasItsCpusMemoryFirmwareAndPorts()
    {
        string[] lines = Lines(Machine);
        Assert.StartsWith("cpu: model=corei7_skylake_x, count=2, ", lines[0]);
        Assert.Contains("memory: guest=1024, host=1024", lines);
        Assert.Contains("romimage: file=/run/firmware.fd", lines);
        Assert.Contains("com1: enabled=1, mode=socket-client, dev=127.0.0.1:4001", lines);
        Assert.Contains("com2: enabled=1, mode=socket-client, dev=127.0.0.1:4002", lines);
        Assert.Contains("port_e9_hack: enabled=1", lines);
    }

    [Fact]
    public void BochsConfiguration_ModelGiven_IsTheCpu() =>
        Assert.StartsWith("cpu: model=ryzen, ", Lines(Machine with { CpuModel = "ryzen" })[0]);

    [Theory]
    [InlineData("corei7_skylake_x", "panic: action=fatal")]
    [InlineData("tigerlake", "panic: action=fatal, cpu0=report, cpu1=report")]
    public void BochsConfiguration_ModelWithControlFlowEnforcement_GoesOnWhereItsCpuPanics(string model, string line) =>
        Assert.Contains(line, Lines(Machine with { CpuModel = model }));

    [Fact]
    public void BochsConfiguration_SystemDiskAlone_IsTheFirstOfOneChannel() =>
        Assert.Equal(
            [
                "ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14",
                "ata0-master: type=disk, mode=flat, path=\"/run/system.img\"",
            ],
            Lines(Machine).Where(line => line.StartsWith("ata", StringComparison.Ordinal)));

    [Fact]
    public void BochsConfiguration_ThreeGuestsDisks_FillBothChannels() =>
        Assert.Equal(
            [
                "ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14",
                "ata0-master: type=disk, mode=flat, path=\"/run/system.img\"",
                "ata0-slave: type=disk, mode=flat, path=\"/a\"",
                "ata1: enabled=1, ioaddr1=0x170, ioaddr2=0x370, irq=15",
                "ata1-master: type=disk, mode=flat, path=\"/b\"",
                "ata1-slave: type=disk, mode=flat, path=\"/c\"",
            ],
            Lines(With("/a", "/b", "/c")).Where(line => line.StartsWith("ata", StringComparison.Ordinal)));

    [Fact]
    public void BochsConfiguration_FourGuestsDisks_AreRefused()
    {
        RunnerException failure = Assert.Throws<RunnerException>(() => Lines(With("/a", "/b", "/c", "/d")));
        Assert.Equal("Bochs takes 3 guests' disks, not 4", failure.Message);
    }

    [Fact]
    public void BochsConfiguration_FourCpusUnderVmx_AreRefusedWithWhatHelps()
    {
        RunnerException failure = Assert.Throws<RunnerException>(() => Lines(Machine with { Cpus = 4 }));
        Assert.Equal("Bochs starts only 3 CPUs under VMX, not 4: use --cpus 3, or --cpu-model ryzen, which has SVM", failure.Message);
        Assert.StartsWith("cpu: model=ryzen, count=4, ", Lines(Machine with { Cpus = 4, CpuModel = "ryzen" })[0]);
    }

    [Theory]
    [InlineData("corei7_skylake_x", "vmx")]
    [InlineData("core2_penryn_t9600", "vmx")]
    [InlineData("tigerlake", "vmx")]
    [InlineData("ryzen", "svm")]
    [InlineData("phenom_8650_toliman", "svm")]
    public void BochsModels_Vendor_DecidesTheVirtualization(string model, string backend)
        => Assert.Equal(backend, BochsModels.BackendOf(model));

    [Fact]
    public void BochsModels_Unknown_IsRefusedByNameWithThoseThatExist()
    {
        RunnerException failure = Assert.Throws<RunnerException>(() => BochsModels.BackendOf("i386"));
        Assert.StartsWith("Bochs has no CPU model 'i386', but ", failure.Message);
        Assert.Contains(BochsModels.Usual, failure.Message);
    }

    private static MachineOptions With(params string[] images) =>
        Machine with { Disks = [.. images.Select(image => new AttachedDisk(image, DiskTransport.Ata))] };

    private static string[] Lines(MachineOptions options) =>
        BochsConfiguration.Format(options, "/run/firmware.fd", "/run/vgabios.bin", 4001, 4002)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

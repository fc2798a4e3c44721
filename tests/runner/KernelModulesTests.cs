using System.Collections.Generic;
using System.Linq;
using Switcher.Runner;
using Switcher.Runner.Guests;
using Xunit;

namespace Switcher.Tests.Runner;

public class KernelModulesTests
{
    private static readonly KernelModules Modules = new(
        """
        kernel/fs/ext4/ext4.ko.xz: kernel/fs/jbd2/jbd2.ko.xz kernel/lib/crc16.ko.xz kernel/fs/mbcache.ko.xz
        kernel/fs/jbd2/jbd2.ko.xz:
        kernel/lib/crc16.ko.xz:
        kernel/fs/mbcache.ko.xz:
        kernel/drivers/nvme/host/nvme.ko.xz: kernel/drivers/nvme/host/nvme-core.ko.xz kernel/lib/crc16.ko.xz
        kernel/drivers/nvme/host/nvme-core.ko.xz: kernel/lib/crc16.ko.xz
        """,
        "kernel/drivers/virtio/virtio-pci.ko\n");

    [Fact]
    public void KernelModules_LoadOrder_HasEveryModuleOnceBehindWhatItNeeds()
    {
        List<string> order = [.. Modules.LoadOrder(["ext4", "nvme"]).Select(path => path[(path.LastIndexOf('/') + 1)..])];
        Assert.Equal(order.Distinct(), order);
        Assert.Equal(6, order.Count);
        Assert.True(order.IndexOf("crc16.ko.xz") < order.IndexOf("ext4.ko.xz"));
        Assert.True(order.IndexOf("crc16.ko.xz") < order.IndexOf("nvme-core.ko.xz"));
        Assert.True(order.IndexOf("nvme-core.ko.xz") < order.IndexOf("nvme.ko.xz"));
    }

    [Fact]
    public void KernelModules_BuiltIn_NeedsNoFile() => Assert.Empty(Modules.LoadOrder(["virtio_pci"]));

    [Fact]
    public void KernelModules_Unknown_IsRefusedByName() =>
        Assert.Equal("the kernel has no module floppy", Assert.Throws<RunnerException>(() => Modules.LoadOrder(["floppy"])).Message);
}

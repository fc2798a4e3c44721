using System.Linq;
using Switcher.Boot.Memory;
using Switcher.Hv.Devices;
using Switcher.Hv.Run;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Devices;

/// <summary>
/// A root bus with a host bridge, a network card of two functions and a bridge; behind that an NVMe drive and a second bridge with a disk
/// controller.
/// </summary>
public sealed class PciTests : System.IDisposable
{
    private readonly FakeMachine _machine = new();
    private readonly FakePciFunction _network;
    private readonly FakePciFunction _second;
    private readonly FakePciFunction _outer;
    private readonly FakePciFunction _drive;
    private readonly FakePciFunction _inner;
    private readonly FakePciFunction _disk;
    private readonly FakePciFunction _host;

    public PciTests()
    {
        _host = Add(null, 0, 0, 0x0600, isBridge: false);
        _network = Add(null, 2, 0, 0x0200, isBridge: false);
        _second = Add(null, 2, 1, 0x0200, isBridge: false);
        _network.IsMultifunction = true;
        _outer = Add(null, 3, 0, 0x0604, isBridge: true);
        _drive = Add(_outer, 0, 0, 0x0108, isBridge: false);
        _inner = Add(_outer, 1, 0, 0x0604, isBridge: true);
        _disk = Add(_inner, 0, 0, 0x0106, isBridge: false);
        SetBuses(_outer, 0, 1, 2);
        SetBuses(_inner, 1, 2, 2);
        foreach (FakePciFunction function in _machine.Pci.Functions)
        {
            function.Set(0x04, 2, 3);
            function.Set(0x3C, 1, 0x0B);
            if (function.IsBridge)
                function.Set(0x20, 4, 0xF010_F000);
            else
                function.Set(0x10, 4, 0xF000_0000 + (function.Slot << 12));
        }
        MachineMemory.AddPci(_machine);
        _machine.Pci.Writes.Clear();
    }

    private PhysicalArray<PciFunction> Functions => _machine.Hypervisor.PciFunctions;

    [Fact]
    public void Inventory_Machine_ListsEveryFunctionOnceInBusOrder()
    {
        int[] expected = [0x000, 0x010, 0x011, 0x018, 0x100, 0x108, 0x200];
        Assert.Equal(expected, Enumerable.Range(0, Functions.Count).Select(i => (int)Functions.At<FakePlatform>(i).Address.Value));
        Assert.Equal([false, false, false, true, false, true, false],
            Enumerable.Range(0, Functions.Count).Select(i => Functions.At<FakePlatform>(i).IsBridge));
        Assert.Equal(1, Enumerable.Range(0, Functions.Count).Count(i => Functions.At<FakePlatform>(i).IsChipset));
    }

    [Fact]
    public void Inventory_Function_KeepsConfigurationAndCapabilities()
    {
        ref PciFunction function = ref Functions.At<FakePlatform>(4);
        Assert.Equal(_drive.Configuration, FakePlatform.Bytes(function.Configuration, 256).ToArray());
        Assert.Equal((0x40, 0x50, 0x70), (function.PowerManagement, function.Msi, function.MsiX));
    }

    [Fact]
    public void Inventory_MoreFunctionsThanRoom_CountsTheRoom() => Assert.Equal(3, Machine<FakePlatform>.PciInventory.Count(3));

    [Fact]
    public void Inventory_CapabilitiesInACircle_Ends()
    {
        _drive.Set(0x71, 1, 0x40);
        Machine<FakePlatform>.PciInventory.Refresh(ref Functions.At<FakePlatform>(4));
        Assert.Equal(0x70, Functions.At<FakePlatform>(4).MsiX);
    }

    [Fact]
    public void Refresh_ChangedFunction_KeepsTheNewConfiguration()
    {
        _drive.Set(0x10, 4, 0xE000_0000);
        Machine<FakePlatform>.PciInventory.Refresh(ref Functions.At<FakePlatform>(4));
        Assert.Equal(0xE000_0000, FakePlatform.At<uint>(Functions.At<FakePlatform>(4).Configuration + 0x10));
    }

    [Fact]
    public void Silence_RunningDevices_EndsDmaAndMessages()
    {
        foreach (FakePciFunction function in _machine.Pci.Functions)
            function.StartDevice();
        Machine<FakePlatform>.PciHandover.Silence(Functions);
        Assert.All(Devices, function => Assert.True(function.IsSilent));
        Assert.All(Devices, function => Assert.Equal(3u, function.Get(4, 2)));
    }

    /// <summary>What is behind a bridge needs it to pass requests on; its own hot-plug and error messages are the old guest's.</summary>
    [Fact]
    public void Silence_Bridges_KeepPassingOnButSendNoMessages()
    {
        _outer.StartDevice();
        Machine<FakePlatform>.PciHandover.Silence(Functions);
        Assert.True(_outer.IsBusMaster);
        Assert.False(_outer.IsMsiEnabled || _outer.IsMsiXEnabled);
    }

    [Fact]
    public void Silence_HostBridge_IsLeftAlone()
    {
        _host.StartDevice();
        Machine<FakePlatform>.PciHandover.Silence(Functions);
        Assert.DoesNotContain(_machine.Pci.Writes, write => write.Function == _host);
    }

    [Fact]
    public void Silence_SilentDevices_WritesNothing()
    {
        Machine<FakePlatform>.PciHandover.Silence(Functions);
        Assert.Empty(_machine.Pci.Writes);
    }

    /// <summary>The status half of the command register clears by writing ones, so it must not be written along.</summary>
    [Fact]
    public void Silence_CommandRegister_IsWrittenWithoutTheStatusBesideIt()
    {
        _drive.StartDevice();
        Machine<FakePlatform>.PciHandover.Silence(Functions);
        Assert.All(_machine.Pci.Writes, write => Assert.Equal(2, write.Size));
    }

    [Fact]
    public void RestoreFirmwareState_NothingChanged_WritesNothing()
    {
        Machine<FakePlatform>.PciHandover.RestoreFirmwareState(Functions, 1);
        Assert.Empty(_machine.Pci.Writes);
    }

    [Fact]
    public void RestoreFirmwareState_OneBaseAddressChanged_WritesThatAlone()
    {
        uint firmware = _drive.Get(0x10, 4);
        _drive.Set(0x10, 4, 0xE123_0000);
        Machine<FakePlatform>.PciHandover.RestoreFirmwareState(Functions, 1);
        Assert.Equal([(_drive, 0x10, 4, firmware)], _machine.Pci.Writes);
    }

    /// <summary>FACTS of a real switch: firmware leaves bus mastering on, and a guest that boots must not find another's DMA.</summary>
    [Fact]
    public void RestoreFirmwareState_FirmwareLeftBusMasteringOn_StaysOff()
    {
        _drive.Set(4, 2, 7);
        Machine<FakePlatform>.PciInventory.Refresh(ref Functions.At<FakePlatform>(4));
        Machine<FakePlatform>.PciHandover.Silence(Functions);
        Machine<FakePlatform>.PciHandover.RestoreFirmwareState(Functions, 1);
        Assert.False(_drive.IsBusMaster);
    }

    [Fact]
    public void RestoreFirmwareState_DeviceInD3_IsInD0WithItsHeader()
    {
        byte[] firmware = _drive.Configuration;
        _drive.SetPowerState(3);
        Machine<FakePlatform>.PciHandover.RestoreFirmwareState(Functions, 1);
        Assert.Equal(firmware, _drive.Configuration);
    }

    /// <summary>
    /// A system powers whole branches down. Nothing behind a bridge answers before the bridge is up and knows its buses again.
    /// </summary>
    [Fact]
    public void RestoreFirmwareState_BranchInD3_ComesBackFromTheRootOn()
    {
        byte[][] firmware = _machine.Pci.Functions.Select(function => function.Configuration).ToArray();
        foreach (FakePciFunction function in Enumerable.Reverse(_machine.Pci.Functions).Where(function => function != _host))
            function.SetPowerState(3);
        Machine<FakePlatform>.PciHandover.RestoreFirmwareState(Functions, 1);
        Assert.Equal(firmware, _machine.Pci.Functions.Select(function => function.Configuration));
    }

    /// <summary>PCI Power Management 1.2, 5.4: 10 ms from D3hot before the first access.</summary>
    [Fact]
    public void RestoreFirmwareState_DeviceInD3_WaitsBeforeItTouchesIt()
    {
        _drive.SetPowerState(3);
        ulong start = _machine.ReadTimestamp();
        Machine<FakePlatform>.PciHandover.RestoreFirmwareState(Functions, 100_000);
        Assert.True(_machine.ReadTimestamp() - start >= 1_000_000);
    }

    [Fact]
    public void RestoreFirmwareState_BridgeChanged_GetsBusesAndWindowsBack()
    {
        byte[] firmware = _outer.Configuration;
        _outer.Set(0x18, 4, 0x0005_0400);
        _outer.Set(0x20, 4, 0xE010_E000);
        Machine<FakePlatform>.PciHandover.RestoreFirmwareState(Functions, 1);
        Assert.Equal(firmware, _outer.Configuration);
    }

    public void Dispose() => _machine.Dispose();

    private FakePciFunction[] Devices => _machine.Pci.Functions.Where(function => !function.IsBridge && function != _host).ToArray();

    private static void SetBuses(FakePciFunction bridge, int primary, int secondary, int subordinate)
        => bridge.Set(0x18, 4, primary | (secondary << 8) | (subordinate << 16));

    private FakePciFunction Add(FakePciFunction? parent, int device, int function, int classCode, bool isBridge)
        => _machine.Pci.Add(new FakePciFunction(parent, device, function, classCode, isBridge));
}

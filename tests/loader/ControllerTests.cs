using System.Collections.Generic;
using System.Runtime.InteropServices;
using Switcher.Efi.Cpu;
using Switcher.Efi.Firmware;
using Switcher.Efi.Uefi;
using Switcher.Tests.Loader.Firmware;
using Xunit;

namespace Switcher.Tests.Loader;

/// <summary>The firmware's drivers leave the hardware to guests, and come back to it.</summary>
public sealed unsafe class ControllerTests
{
    private const uint Nvme = 0x01_0802;
    private const uint Xhci = 0x0C_0330;
    private const uint Display = 0x03_0000;
    private const uint BridgeClass = 0x06_0400;

    private readonly FakeFirmware _firmware = new();
    private readonly Dictionary<ulong, FakePciFunction> _functions = [];
    private readonly Controllers* _controllers = (Controllers*)NativeMemory.AllocZeroed((nuint)sizeof(Controllers));
    private readonly UefiFirmware* _own = (UefiFirmware*)NativeMemory.AllocZeroed((nuint)sizeof(UefiFirmware));
    private readonly ulong _driver;

    public ControllerTests()
    {
        _own->Start(_firmware.Install(LoadedImage.Protocol, _firmware.Make<LoadedImage>()), _firmware.Table);
        _driver = (ulong)_own->Image.Value;
        _firmware.OnConnect = handle =>
        {
            if (_functions.TryGetValue(handle, out FakePciFunction? function) && !function.IsWedged)
                _firmware.Handles.Open(handle, PciIo.Protocol, _driver, handle, OpenProtocolAttributes.ByDriver, out _);
        };
        _firmware.OnDisconnect = handle => _firmware.Handles.Close(handle, PciIo.Protocol, _driver, handle);
    }

    [Fact]
    public void Drivers_OfWhatLoadersNeed_StopAndComeBack()
    {
        FakePciFunction disk = Driven(new(_firmware, 0, Nvme));
        FakePciFunction keyboard = Driven(new(_firmware, 0, Xhci));
        FakePciFunction display = Driven(new(_firmware, 0, Display));
        FakePciFunction unused = Add(new(_firmware, 0, Nvme));
        _controllers->Start(_own);
        Assert.Equal((false, false, true, false), (disk.HasDriver, keyboard.HasDriver, display.HasDriver, unused.HasDriver));
        for (int i = 0; i < 2; i++)
        {
            _controllers->Connect(_own);
            Assert.Equal((true, true, true, false), (disk.HasDriver, keyboard.HasDriver, display.HasDriver, unused.HasDriver));
            _controllers->Disconnect(_own);
            Assert.Equal((false, false, true), (disk.HasDriver, keyboard.HasDriver, display.HasDriver));
        }

        Assert.Equal((0, 0), (disk.Resets, keyboard.Resets));
        Assert.Equal(disk.Expected, disk.Configuration);
    }

    /// <summary>It gets back what the firmware had given it, whatever the guest has done with that.</summary>
    [Theory]
    [InlineData((int)FakeReset.Express)]
    [InlineData((int)FakeReset.Advanced)]
    public void Device_OnWhichNoDriverStarts_IsResetByItself(int reset)
    {
        FakePciFunction disk = Driven(new(_firmware, 1, Nvme, (FakeReset)reset));
        FakePciFunction neighbour = Driven(new(_firmware, 1, Nvme, (FakeReset)reset));
        _controllers->Start(_own);
        disk.IsWedged = true;
        _controllers->Connect(_own);
        Assert.Equal((true, 1, 0), (disk.HasDriver, disk.Resets, neighbour.Resets));
        disk.Configuration[0x64] = 0;
        Assert.Equal(disk.Expected, disk.Configuration);
        Assert.Contains("INFO a device was reset for the firmware's driver pci=1af4:5678", DebugPort.Lines);
    }

    [Fact]
    public void Device_AloneOnItsBus_IsResetWithTheBus()
    {
        FakePciFunction disk = Driven(new(_firmware, 1, Nvme));
        FakePciFunction bridge = Add(new FakePciFunction(_firmware, 0, BridgeClass).Over(disk));
        byte[] expected = [.. bridge.Configuration];
        _controllers->Start(_own);
        disk.IsWedged = true;
        _controllers->Connect(_own);
        Assert.Equal((true, 1), (disk.HasDriver, disk.Resets));
        Assert.Equal(disk.Expected, disk.Configuration);
        Assert.Equal(expected, bridge.Configuration);
    }

    /// <summary>Nothing is reset that somebody else may be using, and who asks for a lot of time does not get it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Device_ThatCannotBeReset_IsNamed(bool hasNeighbour)
    {
        FakePciFunction disk = Driven(new(_firmware, 1, Nvme, hasNeighbour ? FakeReset.None : FakeReset.Express));
        FakePciFunction bridge = Add(new FakePciFunction(_firmware, 0, BridgeClass).Over(disk));
        if (hasNeighbour)
            bridge.Over(Add(new(_firmware, 1, Xhci)));
        disk.Absence = 5_000_000;
        _controllers->Start(_own);
        disk.IsWedged = true;
        _controllers->Connect(_own);
        Assert.Equal((false, hasNeighbour ? 0 : 1), (disk.HasDriver, disk.Resets));
        Assert.Contains(DebugPort.Lines, line => line.StartsWith("WARN the firmware's driver does not start again;"));
        if (hasNeighbour)
            Assert.Equal(disk.Expected, disk.Configuration);
    }

    private FakePciFunction Add(FakePciFunction function) => _functions[function.Handle] = function;

    private FakePciFunction Driven(FakePciFunction function)
    {
        Add(function);
        _firmware.OnConnect!(function.Handle);
        return function;
    }
}

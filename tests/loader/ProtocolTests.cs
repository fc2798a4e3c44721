using System;
using System.Linq;
using Switcher.Efi.Cpu;
using Switcher.Efi.Uefi;
using Xunit;

namespace Switcher.Tests.Loader;

/// <summary>The protocol handler services of a loader (UEFI 2.10, 7.3 "Protocol Handler Services").</summary>
public unsafe class ProtocolTests
{
    private static readonly Guid s_own = new(0x77, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);

    /// <summary>With its last protocol a handle goes, and its value with it.</summary>
    [Fact]
    public void LastProtocolOfAFirmwareHandle_RemovedByALoader_IsBackOnANewHandle()
    {
        Unchanged(Machine.Parked, (machine, services) =>
        {
            Guid guid = Machine.SomeDevice;
            ulong @interface = machine.Uefi.Handles.Interface((ulong)machine.Disk.Value, guid)!.Value;

            // The entry before names the handle, too.
            services.Reinstall(machine.Disk, guid, @interface, 0x1234);
            Assert.Equal(EfiStatus.Success, services.Uninstall(machine.Disk, guid, 0x1234));
        });
        Unchanged(Machine.Parked, (machine, services) =>
        {
            Handle disk = machine.Disk;
            ulong @interface = machine.Uefi.Handles.Interface((ulong)disk.Value, Machine.SomeDevice)!.Value;
            services.Install(ref disk, s_own, 1);
            services.Uninstall(disk, Machine.SomeDevice, @interface);
            Assert.Equal(EfiStatus.Success, services.Uninstall(disk, s_own, 1));
        });
    }

    [Theory]
    [InlineData(OpenProtocolAttributes.ByHandleProtocol)]
    [InlineData(OpenProtocolAttributes.GetProtocol)]
    [InlineData(OpenProtocolAttributes.ByChildController)]
    [InlineData(OpenProtocolAttributes.ByDriver)]
    [InlineData(OpenProtocolAttributes.Exclusive)]
    public void OpenProtocols_OfALoader_AreClosed(OpenProtocolAttributes how)
    {
        Machine machine = Unchanged(Machine.Parked, (machine, services) =>
            Assert.Equal(EfiStatus.Success, services.Open(machine.Display, GraphicsOutput.Protocol, services.Image, machine.Disk, how)));
        Assert.Equal(how == OpenProtocolAttributes.Exclusive ? 1 : 0, machine.Uefi.Handles.Connects);
    }

    [Fact]
    public void OpenProtocols_OfAnImageThatIsUnloaded_AreClosed()
    {
        Unchanged(Machine.Parked, (machine, services) =>
        {
            string before = machine.Uefi.Handles.Contents;
            services.Load(
                Machine.Image(inner =>
                    inner.Open(machine.Disk, Machine.SomeDevice, inner.Image, default, OpenProtocolAttributes.GetProtocol)),
                out Handle image);
            Assert.Equal(EfiStatus.Success, services.Start(image));
            Assert.Equal(before, machine.Uefi.Handles.Contents);
        });
    }

    /// <summary>The interface of an image that is gone would be memory of something else.</summary>
    [Fact]
    public void Image_UnloadedWhenTheJournalIsFull_LeavesNoInterface()
    {
        Unchanged(Machine.Parked, (machine, services) =>
        {
            services.Load(Machine.Image(_ => EfiStatus.Success), out Handle image);
            Handle handle = default;
            EfiStatus status = EfiStatus.Success;
            for (int i = 0; !status.IsError; i++)
                status = services.Install(ref handle, new Guid(i, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7), 1);
            Assert.Equal(EfiStatus.OutOfResources, status);
            Assert.Equal(EfiStatus.Success, services.Unload(image));
            Assert.False(machine.Uefi.Handles.Contains((ulong)image.Value));
        });
    }

    [Fact]
    public void SeveralInterfaces_OfWhichOneFails_AreNotInstalled()
    {
        Unchanged(Machine.Parked, (machine, services) =>
        {
            string before = machine.Uefi.Handles.Contents;
            Handle handle = default;
            Assert.Equal(EfiStatus.InvalidParameter, services.InstallMultiple(ref handle, (s_own, 1), (Machine.SomeDevice, 2), (s_own, 3)));
            Assert.True(handle.IsNull);
            Assert.Equal(before, machine.Uefi.Handles.Contents);
            Assert.Equal(EfiStatus.Success, services.InstallMultiple(ref handle, (s_own, 1), (Machine.SomeDevice, 2)));
            Assert.Equal(EfiStatus.InvalidParameter, services.UninstallMultiple(handle, (s_own, 1), (Machine.SomeDriver, 2)));
            Assert.Equal(1UL, machine.Uefi.Handles.Interface((ulong)handle.Value, s_own));
        });
    }

    [Fact]
    public void DevicePath_ThatIsKnown_IsNotInstalledTwice()
    {
        Unchanged(Machine.Parked, (machine, services) =>
        {
            Handle handle = default;
            ulong known = machine.Uefi.Handles.Interface((ulong)machine.Volume.Value, DevicePath.Protocol)!.Value;
            Assert.Equal(EfiStatus.AlreadyStarted, services.InstallMultiple(ref handle, (s_own, 1), (DevicePath.Protocol, known)));
        });
    }

    [Fact]
    public void ProtocolServices_WithBadArguments_AnswerAsUefiSays()
    {
        Unchanged(Machine.Parked, (machine, services) =>
        {
            BootServices* boot = services.Boot;
            Guid guid = s_own;
            Handle none = default;
            Handle disk = machine.Disk;
            var gone = new Handle((void*)0x7FFF_0000);
            Assert.Equal(EfiStatus.InvalidParameter, boot->InstallProtocolInterface(null, &guid, InterfaceType.Native, null));
            Assert.Equal(EfiStatus.InvalidParameter, boot->InstallProtocolInterface(&none, null, InterfaceType.Native, null));
            Assert.Equal(EfiStatus.InvalidParameter, boot->InstallProtocolInterface(&none, &guid, (InterfaceType)1, null));
            Assert.Equal(EfiStatus.InvalidParameter, services.Install(ref disk, Machine.SomeDevice, 5));
            Assert.Equal(EfiStatus.InvalidParameter, boot->UninstallProtocolInterface(disk, null, null));
            Assert.Equal(EfiStatus.NotFound, services.Uninstall(disk, s_own, 0));
            Assert.Equal(EfiStatus.InvalidParameter, services.Uninstall(gone, s_own, 0));
            Assert.Equal(EfiStatus.InvalidParameter, boot->ReinstallProtocolInterface(disk, null, null, null));
            Assert.Equal(EfiStatus.NotFound, services.Reinstall(disk, s_own, 0, 1));
            Assert.Equal(EfiStatus.Unsupported, services.Open(disk, s_own, services.Image, default, OpenProtocolAttributes.GetProtocol));
            Assert.Equal(EfiStatus.InvalidParameter, services.Open(gone, s_own, services.Image, default, OpenProtocolAttributes.Exclusive));
            Assert.Equal(EfiStatus.InvalidParameter, boot->CloseProtocol(disk, null, services.Image, default));
            Assert.Equal(EfiStatus.NotFound, services.Close(disk, Machine.SomeDevice, services.Image, default));
            Assert.Equal(EfiStatus.InvalidParameter, boot->InstallConfigurationTable(null, null));
            Assert.Equal(EfiStatus.NotFound, services.InstallTable(s_own, 0));
        });
    }

    /// <summary>Runs a loader that parks after what it does, and finds the firmware as it was.</summary>
    private static Machine Unchanged(int guest, Action<Machine, Services> loader)
    {
        var machine = new Machine();
        string before = machine.Uefi.State;
        Exception? failure = null;
        machine.Run(guest, services =>
        {
            failure = Record.Exception(() => loader(machine, services));
            return services.ExitBootServices();
        });
        Assert.Null(failure);
        Assert.Single(machine.ParkCalls);
        Assert.Equal(before, machine.Uefi.State);
        Assert.DoesNotContain(DebugPort.Lines, line => line.StartsWith("WARN", StringComparison.Ordinal));
        return machine;
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Switcher.Efi.Uefi;
using Xunit;

namespace Switcher.Tests.Efi;

/// <summary>The layouts that firmware shares with us, from the specifications' definitions.</summary>
public class UefiLayoutTests
{
    private const int HeaderSize = 24;
    private const int PointerSize = 8;

    public static TheoryData<Type, int> Sizes => new()
    {
        { typeof(TableHeader), HeaderSize },
        { typeof(SystemTable), 120 },
        { typeof(ConfigurationTable), 24 },
        { typeof(MemoryDescriptor), 40 },
        { typeof(Time), 16 },
        { typeof(LoadedImage), 96 },
        { typeof(DevicePath), 4 },
        { typeof(HardDriveDevicePath), 42 },
        { typeof(VendorDevicePath), 20 },
        { typeof(InputKey), 4 },
        { typeof(SimpleTextOutput), 80 },
        { typeof(GraphicsOutputMode), 40 },
        { typeof(GraphicsOutputModeInformation), 36 },
        { typeof(Switcher.Efi.Uefi.File), 120 },
        { typeof(ProcessorInformation), 48 },
        { typeof(MpServices), 7 * PointerSize },
        { typeof(OpenProtocolInformationEntry), 24 },
    };

    public static TheoryData<Type, string, int> Offsets => new()
    {
        { typeof(SystemTable), nameof(SystemTable.FirmwareVendor), 24 },
        { typeof(SystemTable), nameof(SystemTable.FirmwareRevision), 32 },
        { typeof(SystemTable), nameof(SystemTable.ConsoleInHandle), 40 },
        { typeof(SystemTable), nameof(SystemTable.ConOut), 64 },
        { typeof(SystemTable), nameof(SystemTable.RuntimeServices), 88 },
        { typeof(SystemTable), nameof(SystemTable.BootServices), 96 },
        { typeof(SystemTable), nameof(SystemTable.NumberOfTableEntries), 104 },
        { typeof(SystemTable), nameof(SystemTable.ConfigurationTable), 112 },
        { typeof(MemoryDescriptor), nameof(MemoryDescriptor.PhysicalStart), 8 },
        { typeof(MemoryDescriptor), nameof(MemoryDescriptor.VirtualStart), 16 },
        { typeof(MemoryDescriptor), nameof(MemoryDescriptor.NumberOfPages), 24 },
        { typeof(MemoryDescriptor), nameof(MemoryDescriptor.Attribute), 32 },
        { typeof(LoadedImage), nameof(LoadedImage.ParentHandle), 8 },
        { typeof(LoadedImage), nameof(LoadedImage.SystemTable), 16 },
        { typeof(LoadedImage), nameof(LoadedImage.DeviceHandle), 24 },
        { typeof(LoadedImage), nameof(LoadedImage.FilePath), 32 },
        { typeof(LoadedImage), nameof(LoadedImage.LoadOptionsSize), 48 },
        { typeof(LoadedImage), nameof(LoadedImage.LoadOptions), 56 },
        { typeof(LoadedImage), nameof(LoadedImage.ImageBase), 64 },
        { typeof(LoadedImage), nameof(LoadedImage.ImageSize), 72 },
        { typeof(LoadedImage), nameof(LoadedImage.ImageCodeType), 80 },
        { typeof(LoadedImage), nameof(LoadedImage.Unload), 88 },
        { typeof(HardDriveDevicePath), nameof(HardDriveDevicePath.PartitionNumber), 4 },
        { typeof(HardDriveDevicePath), nameof(HardDriveDevicePath.PartitionStart), 8 },
        { typeof(HardDriveDevicePath), nameof(HardDriveDevicePath.PartitionSize), 16 },
        { typeof(HardDriveDevicePath), nameof(HardDriveDevicePath.Signature), 24 },
        { typeof(HardDriveDevicePath), nameof(HardDriveDevicePath.PartitionFormat), 40 },
        { typeof(HardDriveDevicePath), nameof(HardDriveDevicePath.SignatureType), 41 },
        { typeof(FileInfo), nameof(FileInfo.CreateTime), 24 },
        { typeof(FileInfo), nameof(FileInfo.Attribute), 72 },
        { typeof(Time), nameof(Time.Nanosecond), 8 },
        { typeof(Time), nameof(Time.TimeZone), 12 },
        { typeof(ProcessorInformation), nameof(ProcessorInformation.StatusFlag), 8 },
        { typeof(ProcessorInformation), nameof(ProcessorInformation.Package), 12 },
        { typeof(GraphicsOutputMode), nameof(GraphicsOutputMode.FrameBufferBase), 24 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Structure_Measured_HasTheSizeOfTheSpecification(Type type, int size) => Assert.Equal(size, SizeOf(type));

    [Theory]
    [MemberData(nameof(Offsets))]
    public void Field_Measured_LiesWhereTheSpecificationPutsIt(Type type, string field, int offset) =>
        Assert.Equal(offset, (int)Marshal.OffsetOf(type, field));

    [Fact]
    public void BootServices_Listed_AreInTheOrderOfTheSpecification() => AssertServices(
        typeof(BootServices),
        """
        RaiseTpl RestoreTpl AllocatePages FreePages GetMemoryMap AllocatePool FreePool
        CreateEvent SetTimer WaitForEvent SignalEvent CloseEvent CheckEvent
        InstallProtocolInterface ReinstallProtocolInterface UninstallProtocolInterface HandleProtocol Reserved
        RegisterProtocolNotify LocateHandle LocateDevicePath InstallConfigurationTable
        LoadImage StartImage Exit UnloadImage ExitBootServices
        GetNextMonotonicCount Stall SetWatchdogTimer ConnectController DisconnectController
        OpenProtocol CloseProtocol OpenProtocolInformation
        ProtocolsPerHandle LocateHandleBuffer LocateProtocol InstallMultipleProtocolInterfaces UninstallMultipleProtocolInterfaces
        CalculateCrc32 CopyMem SetMem CreateEventEx
        """);

    [Fact]
    public void RuntimeServices_Listed_AreInTheOrderOfTheSpecification() => AssertServices(
        typeof(RuntimeServices),
        """
        GetTime SetTime GetWakeupTime SetWakeupTime SetVirtualAddressMap ConvertPointer
        GetVariable GetNextVariableName SetVariable GetNextHighMonotonicCount ResetSystem
        UpdateCapsule QueryCapsuleCapabilities QueryVariableInfo
        """);

    /// <summary>PI 1.8, volume II, "EFI_MP_SERVICES_PROTOCOL": a protocol, so without a header.</summary>
    [Fact]
    public void MpServices_Listed_AreInTheOrderOfTheSpecification() => Assert.Equal(
        ["GetNumberOfProcessors", "GetProcessorInfo", "StartupAllAps", "StartupThisAp", "SwitchBsp", "EnableDisableAp", "WhoAmI"],
        FieldsOf(typeof(MpServices)));

    [Fact]
    public void FileInfoName_Measured_FollowsTheStructure() => Assert.Equal(FileInfo.FileNameOffset, Unsafe.SizeOf<FileInfo>());

    private static void AssertServices(Type table, string names)
    {
        string[] expected = names.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(["Hdr", .. expected], FieldsOf(table));
        Assert.Equal(HeaderSize + (PointerSize * expected.Length), SizeOf(table));
    }

    private static IEnumerable<string> FieldsOf(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Instance).OrderBy(field => field.MetadataToken).Select(field => field.Name);

    private static int SizeOf(Type type)
        => (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;
}

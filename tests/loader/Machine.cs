using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;
using Switcher.Boot.Memory;
using Switcher.Boot.Plan;
using Switcher.Efi.Cpu;
using Switcher.Efi.Firmware;
using Switcher.Efi.Guests;
using Switcher.Efi.Host;
using Switcher.Efi.Loader;
using Switcher.Efi.Uefi;
using Switcher.Stubs.Shared;
using Switcher.Tests.Boot.Image;
using Switcher.Tests.Loader.Firmware;
using AllocateType = Switcher.Efi.Uefi.AllocateType;
using MemoryType = Switcher.Efi.Uefi.MemoryType;

namespace Switcher.Tests.Loader;

/// <summary>
/// A machine after its launch: firmware, a volume, and three guests with a partition each.
/// </summary>
internal sealed unsafe class Machine
{
    public const int First = 0;
    public const int Parked = 1;
    public const int ParkedToo = 2;

    private readonly UefiFirmware* _boot = New<UefiFirmware>();
    private readonly Session* _session = New<Session>();
    private readonly GuestBoot* _guests = (GuestBoot*)NativeMemory.AllocZeroed(PhysicalMemory.Partitions, (nuint)sizeof(GuestBoot));

    public Machine()
    {
        Current = this;
        BootStubs.Reset();
        HostStubs.Hypercalls.Clear();
        DebugPort.Lines.Clear();
        for (int i = 0; i < PhysicalMemory.Partitions; i++)
            Take(i);
        Volume = Firmware.Volume.Install(Uefi);
        Display = Uefi.Install(GraphicsOutput.Protocol, Uefi.Make<ulong>());
        Driver = Uefi.Install(SomeDriver, Uefi.Make<ulong>());
        Disk = Uefi.Install(SomeDevice, Uefi.Make<ulong>());
        Uefi.SetTable(ConfigurationTable.Acpi20, 0x1000);
        Uefi.SetTable(ConfigurationTable.MemoryAttributes, 0x2000);

        LoadedImage* self = Uefi.Make<LoadedImage>();
        Handle image = Uefi.Install(LoadedImage.Protocol, self);
        _boot->Start(image, Uefi.Table);
        _boot->Map.Create(_boot);

        PlannedMemory* memory = New<PlannedMemory>();
        memory->Ranges = (PlannedRange*)NativeMemory.AllocZeroed(PhysicalMemory.Partitions, (nuint)sizeof(PlannedRange));
        memory->RangeCount = PhysicalMemory.Partitions;
        for (int i = 0; i < PhysicalMemory.Partitions; i++)
            memory->Ranges[i] = new PlannedRange(new MemoryRange(Start(i), PhysicalMemory.PartitionLength), OwnerKind.Guest, i);
        for (int i = 0; i < PhysicalMemory.Partitions; i++)
            AddGuest(i, memory);
        if (!_session->Create(_boot, memory, Backend.Svm))
            throw new InvalidOperationException("no memory for the session");
    }

    public static Machine Current { get; private set; } = null!;

    public FakeFirmware Uefi { get; } = new();

    public Handle Volume { get; }

    /// <summary>Handles of the firmware's: a display, a driver's and a disk's.</summary>
    public Handle Display { get; }

    public Handle Driver { get; }

    public Handle Disk { get; }

    public static Guid SomeDriver => new("11111111-2222-3333-4444-555555555501");

    public static Guid SomeDevice => new("11111111-2222-3333-4444-555555555502");

    /// <summary>The hypercalls that parked guests' thunks have made.</summary>
    public List<ParkThunk> ParkCalls { get; } = [];

    public Session* Session => _session;

    public UefiFirmware* Boot => _boot;

    public GuestBoot* Guest(int index) => _guests + index;

    public static ulong Start(int guest) => PhysicalMemory.PartitionsStart + ((ulong)guest * PhysicalMemory.PartitionLength);

    /// <summary>Whether an address lies in a guest's partition.</summary>
    public static bool IsIn(int guest, ulong address) => address >= Start(guest) && address < Start(guest) + PhysicalMemory.PartitionLength;

    /// <summary>Makes an image file of a program.</summary>
    public static byte[] Image(LoaderProgram program, bool isDriver = false)
    {
        var image = new TestImage();
        image.Put32(TestImage.Code + 4, (uint)BootStubs.Programs.Count);
        if (isDriver)
            image.Put16(TestImage.Optional + 68, 11);
        BootStubs.Programs.Add(program);
        return image.File;
    }

    /// <summary>Runs a guest's loader.</summary>
    /// <returns>Whether the guest is parked.</returns>
    public bool Run(int guest, LoaderProgram loader)
    {
        Firmware.Volume.Add(FileOf(guest), Image(loader));
        return ChainLoader.Run(_session, _guests + guest);
    }

    /// <summary>Makes a guest's partition free, as before it is loaded.</summary>
    public void Empty(int guest) => GuestBoot.Free(_guests + guest, _session->Memory->Plan);

    public void Parks(ParkThunk thunk) => ParkCalls.Add(thunk);

    private static string FileOf(int guest) => $"\\loader{guest}.efi";

    private static T* New<T>()
        where T : unmanaged => (T*)NativeMemory.AllocZeroed((nuint)sizeof(T));

    /// <summary>Takes a partition from the firmware, as the step "memory" does.</summary>
    private void Take(int index)
    {
        ulong start = Start(index);
        ulong pages = PhysicalMemory.PartitionLength / PageSize.Small;
        if (Uefi.Pages.Allocate(AllocateType.Address, MemoryType.LoaderCode, pages, ref start).IsError)
            throw new InvalidOperationException("a partition is not free");
    }

    private void AddGuest(int index, PlannedMemory* memory)
    {
        const int TableLength = 1024;
        GuestBoot* guest = _guests + index;
        guest->Index = index;
        guest->BootOption = (ushort)index;
        guest->Path = Firmware.Volume.PathOf(Uefi, FileOf(index));
        byte[] name = Encoding.UTF8.GetBytes($"guest {index}");
        guest->Name = (byte*)NativeMemory.Alloc((nuint)name.Length);
        name.CopyTo(new Span<byte>(guest->Name, name.Length));
        guest->NameLength = name.Length;
        guest->PageTable = (Switcher.Boot.Memory.MemoryDescriptor*)NativeMemory.AllocZeroed(
            TableLength, (nuint)sizeof(Switcher.Boot.Memory.MemoryDescriptor));
        guest->PageTableLength = TableLength;
        GuestBoot.Free(guest, memory->Plan);
        guest->Rsdp = GuestBoot.Allocate(guest, Switcher.Boot.Memory.MemoryType.AcpiNvs, PageSize.Small);
        guest->RsdpGuid = ConfigurationTable.Acpi20;
    }
}

using System;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using Switcher.Boot.Memory;
using Switcher.Boot.Plan;
using Switcher.Efi.Firmware;
using Switcher.Efi.Guests;
using Switcher.Efi.Host;
using Switcher.Efi.Services;
using Switcher.Efi.Uefi;
using Switcher.Hv.State;
using Switcher.Stubs.Shared;
using Switcher.Tests.Loader.Firmware;
using MapEntry = Switcher.Boot.Memory.MemoryDescriptor;
using MapEntryType = Switcher.Boot.Memory.MemoryType;
using MemoryDescriptor = Switcher.Efi.Uefi.MemoryDescriptor;

namespace Switcher.Tests.Loader.Runtime;

/// <summary>
/// A guest in the run phase: it fills its mailbox as its shim does, and the firmware's side serves it. Around its runtime memory lies
/// memory that nobody may change.
/// </summary>
internal sealed unsafe class ServiceGuest
{
    /// <summary>A pointer of the caller's: not null, and nothing is there.</summary>
    public const ulong Pointer = 0xFFFF_8000_DEAD_0000;

    public const ulong Base = PhysicalMemory.PartitionsStart + (4UL << 20);
    public const int Length = 64 * MemoryDescriptor.PageSize;
    public const ulong Data = Base + (4 * MemoryDescriptor.PageSize);
    public const ulong Shim = Base + (40 * MemoryDescriptor.PageSize);
    public const VariableAttributes Lasting =
        VariableAttributes.NonVolatile | VariableAttributes.BootServiceAccess | VariableAttributes.RuntimeAccess;

    private const byte Around = 0x5A;

    private readonly UefiFirmware* _boot = New<UefiFirmware>();
    private readonly ServiceState* _state = New<ServiceState>();
    private readonly GuestTable* _guests = New<GuestTable>();
    private readonly PlannedMemory* _memory = New<PlannedMemory>();

    public ServiceGuest(bool runs = true, uint firmwareRevision = RuntimeServices.TableRevision)
    {
        Uefi.Table->RuntimeServices->Hdr.Revision = firmwareRevision;
        Uefi.Table->FirmwareVendor = (char*)Uefi.Pages.AllocatePool(2000);
        $"{new string('v', 500)}\0".CopyTo(new Span<char>(Uefi.Table->FirmwareVendor, 501));
        _boot->Start(Uefi.Install(LoadedImage.Protocol, Uefi.Make<LoadedImage>()), Uefi.Table);
        AddGuests();
        if (!_state->Create(_boot, _guests, _memory, Backend.Svm))
            throw new InvalidOperationException("no memory for the services");
        Hypervisor = new ReportingHypervisor(_state->Report);
        Memory.Fill(Around);
        new Span<byte>((void*)Data, RuntimeTables.DataLength).Clear();
        new Span<byte>((void*)Shim, ServiceShim.Length).Fill(0x90);
        if (!RuntimeTables.Create(Runtime, _boot, (byte*)Data, RuntimeTables.DataLength, (ServiceShim*)Shim))
            throw new InvalidOperationException("no memory for the tables");
        if (runs)
            BeginRunPhase();
    }

    public FakeFirmware Uefi { get; } = new();

    public VariableStore Variables => Uefi.Variables;

    public static Guid Vendor => new("11111111-2222-3333-4444-555555555599");

    public GuestRuntime* Runtime => &_guests->At(0)->Runtime;

    public ServiceMailbox* Mailbox => Runtime->Mailbox;

    /// <summary>The hypervisor that Switcher's own variables ask.</summary>
    public ReportingHypervisor Hypervisor { get; }

    public GuestBoot* Guest(int index) => _guests->At(index);

    /// <summary>The runtime memory with what is around it.</summary>
    public static Span<byte> Memory => new((void*)Base, Length);

    public FirmwareAnswer Answer { get; private set; }

    /// <summary>What is around the runtime memory is as it was.</summary>
    public static bool IsAroundIntact
    {
        get
        {
            const int End = (int)(Data - Base) + RuntimeTables.DataLength;
            const int AfterShim = (int)(Shim - Base) + ServiceShim.Length;
            return !Memory[..(int)(Data - Base)].ContainsAnyExcept(Around) && !Memory[End..(int)(Shim - Base)].ContainsAnyExcept(Around)
                && !Memory[AfterShim..].ContainsAnyExcept(Around);
        }
    }

    /// <summary>What there is of volatile variables is the firmware's.</summary>
    public void RememberVariables() => LoaderVariables.Remember(_state, Uefi.Table->RuntimeServices);

    /// <summary>A guest's loader has run.</summary>
    public void TakeVariables(int guest) =>
        LoaderVariables.Take(_state, Uefi.Table->RuntimeServices, &Guest(guest)->LoaderVariables);

    public void BeginRunPhase() => RuntimeTables.BeginRunPhase(Runtime, _boot);

    /// <summary>Whose call the next one is: they share a mailbox here.</summary>
    public int CallerIndex { get; set; }

    private GuestBoot* Caller
    {
        get
        {
            _guests->At(CallerIndex)->Runtime = *Runtime;
            return _guests->At(CallerIndex);
        }
    }

    /// <summary>Serves what is in the mailbox.</summary>
    public EfiStatus Serve()
    {
        Answer = ServiceCalls.Serve(_state, _boot, Caller, out EfiStatus status);
        return status;
    }

    /// <summary>Makes a call.</summary>
    /// <param name="service">The service.</param>
    /// <param name="arguments">Parameters as in the caller's registers.</param>
    /// <param name="name">What its name is, with its end.</param>
    /// <param name="data">What its data are.</param>
    /// <param name="slots">What other parameters point to.</param>
    public EfiStatus Call(
        RuntimeService service, ulong[] arguments, string? name = null, byte[]? data = null, params (int Parameter, byte[] Value)[] slots)
    {
        ServiceMailbox* mailbox = Mailbox;
        *mailbox = new ServiceMailbox { Lock = 1, Owner = 3, Service = (ulong)service, Results = ulong.MaxValue };
        arguments.CopyTo(new Span<ulong>(&mailbox->Arguments, ServiceMailbox.Parameters));
        foreach ((int parameter, byte[] value) in slots)
            value.CopyTo(new Span<byte>((byte*)&mailbox->Slots + (parameter * ServiceMailbox.SlotBytes), ServiceMailbox.SlotBytes));
        if (name != null && (name.Length + 1) * sizeof(char) <= ServiceMailbox.NameCapacity)
            PutName($"{name}\0");
        if (data != null)
        {
            data.CopyTo(new Span<byte>((byte*)mailbox + ServiceMailbox.DataOffset, ServiceMailbox.DataCapacity));
            mailbox->DataBytes = (ulong)data.Length;
        }

        EfiStatus status = Serve();
        if (status.Value != mailbox->Status || mailbox->Lock != 1 || mailbox->Owner != 3 || mailbox->Service != (ulong)service)
            throw new InvalidOperationException("the mailbox says something else");
        return status;
    }

    public void PutName(string text)
    {
        text.CopyTo(new Span<char>((byte*)Mailbox + ServiceMailbox.NameOffset, ServiceMailbox.NameCapacity / sizeof(char)));
        Mailbox->NameBytes = (ulong)(text.Length * sizeof(char));
    }

    /// <summary>What comes back where a parameter points to, or null if nothing does.</summary>
    public byte[]? Slot(int parameter) => (Mailbox->Results & (1UL << parameter)) == 0
        ? null
        : new Span<byte>((byte*)&Mailbox->Slots + (parameter * ServiceMailbox.SlotBytes), ServiceMailbox.SlotBytes).ToArray();

    public ulong? Number(int parameter) => Slot(parameter) is byte[] slot ? BitConverter.ToUInt64(slot) : null;

    /// <summary>The data that come back, or null.</summary>
    public byte[]? Result => (Mailbox->Results & ServiceMailbox.DataResult) == 0
        ? null
        : new Span<byte>((byte*)Mailbox + ServiceMailbox.DataOffset, (int)Mailbox->DataBytes).ToArray();

    /// <summary>The name that comes back, or null.</summary>
    public string? ResultName => (Mailbox->Results & ServiceMailbox.NameResult) == 0
        ? null
        : new string((char*)((byte*)Mailbox + ServiceMailbox.NameOffset), 0, ((int)Mailbox->NameBytes / sizeof(char)) - 1);

    public EfiStatus GetVariable(string name, ulong size, bool hasData = true, Guid? vendor = null) => Call(
        RuntimeService.GetVariable, [Pointer, Pointer, Pointer, Pointer, hasData ? Pointer : 0], name, null,
        (1, (vendor ?? Vendor).ToByteArray()), (3, BitConverter.GetBytes(size)));

    public EfiStatus SetVariable(string name, VariableAttributes attributes, params byte[] value) =>
        SetVariable(Vendor, name, attributes, value);

    public EfiStatus SetVariable(Guid vendor, string name, VariableAttributes attributes, params byte[] value) => Call(
        RuntimeService.SetVariable, [Pointer, Pointer, (ulong)attributes, (ulong)value.Length, Pointer], name, value,
        (1, vendor.ToByteArray()));

    public EfiStatus GetNext(string name, ulong size, Guid vendor) => Call(
        RuntimeService.GetNextVariableName, [Pointer, Pointer, Pointer], name, null,
        (0, BitConverter.GetBytes(size)), (2, vendor.ToByteArray()));

    public EfiStatus SetVirtualAddressMap(ulong size, ulong stride, uint version, byte[] map) =>
        Call(RuntimeService.SetVirtualAddressMap, [size, stride, version, Pointer], null, map);

    public EfiStatus SetVirtualAddressMap(params MemoryDescriptor[] map)
    {
        byte[] bytes = MemoryMarshal.AsBytes(map.AsSpan()).ToArray();
        return SetVirtualAddressMap((ulong)bytes.Length, (ulong)sizeof(MemoryDescriptor), 1, bytes);
    }

    /// <summary>Three guests, whose boot options are 1, 2 and 00A3h; of 64 MiB of RAM they have 1, 2 and 3, the hypervisor 2.</summary>
    private void AddGuests()
    {
        _guests->Create(_boot, 4);
        _memory->Ranges = (PlannedRange*)Uefi.Pages.AllocatePool((ulong)(4 * sizeof(PlannedRange)));
        for (int i = 0; i < 3; i++)
        {
            GuestBoot* guest = _guests->Add();
            guest->BootOption = (ushort)(i == 2 ? 0xA3 : i + 1);
            byte[] name = Encoding.UTF8.GetBytes($"système \"{i}\"\n");
            guest->Name = (byte*)Uefi.Pages.AllocatePool((ulong)name.Length);
            name.CopyTo(new Span<byte>(guest->Name, name.Length));
            guest->NameLength = name.Length;
            _memory->Ranges[_memory->RangeCount++] =
                new PlannedRange(new MemoryRange((ulong)(i + 1) << 30, (ulong)(i + 1) << 20), OwnerKind.Guest, i);
        }

        _memory->Ranges[_memory->RangeCount++] = new PlannedRange(new MemoryRange(4UL << 30, 2 << 20), OwnerKind.Hypervisor);
        _memory->FirmwareMap = (MapEntry*)Uefi.Pages.AllocatePool((ulong)sizeof(MapEntry));
        _memory->FirmwareMapCount = 1;
        *_memory->FirmwareMap = new MapEntry(MapEntryType.Conventional, new MemoryRange(1UL << 30, 64 << 20), default);
    }

    private static T* New<T>()
        where T : unmanaged => (T*)NativeMemory.AllocZeroed((nuint)sizeof(T));
}

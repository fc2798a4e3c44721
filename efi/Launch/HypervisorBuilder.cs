using System;
using Switcher.Acpi;
using Switcher.Boot.Image;
using Switcher.Boot.Memory;
using Switcher.Boot.Plan;
using Switcher.Boot.Verdict;
using Switcher.Efi.Firmware;
using Switcher.Efi.Host;
using Switcher.Efi.Guests;
using Switcher.Efi.Uefi;
using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;
using Switcher.Hv.Paging;
using Switcher.Hv.Run;
using Switcher.Hv.State;
using Switcher.Hv.Svm;
using Switcher.Hv.Vendor;
using Switcher.Hv.Vmx;
using Switcher.Hv.Vmx.Definitions;
using MemoryDescriptor = Switcher.Boot.Memory.MemoryDescriptor;
using MemoryType = Switcher.Boot.Memory.MemoryType;

namespace Switcher.Efi.Launch;

/// <summary>Lays out the hypervisor's memory and writes everything in it, before launch, when it is still ordinary memory.</summary>
internal unsafe ref struct HypervisorBuilder
{
    private const int MaximumPciFunctions = 512;
    private const int MaximumMtrrs = 64;
    private const int MaximumNameBytes = 64;

    private PageArena _arena;
    private HostRoot* _root;
    private bool _isOutOfMemory;

    /// <summary>Bytes of hypervisor memory that a machine needs.</summary>
    /// <param name="backend">Its vendor.</param>
    /// <param name="cpus">CPUs of the machine.</param>
    /// <param name="guests">Guests.</param>
    /// <param name="acpi">The firmware's ACPI memory.</param>
    public static ulong RequiredBytes(Backend backend, int cpus, int guests, AcpiMemorySize acpi) => new HypervisorMemory
    {
        ProgramBytes = ImageCopy.Bytes + Platform.LogRingBytes,
        Cpus = cpus,
        PagesOfACpu = HostCpu.Pages + 1,
        Guests = guests,
        Acpi = acpi,
        PhysicalAddressBits = CpuFeatures<Platform>.PhysicalAddressBits,
        LargestNestedPage = Backends.LargestNestedPage(backend),
        LargestPage = CpuFeatures<Platform>.LargestPage,
    }.Bytes;

    /// <summary>Writes everything.</summary>
    public static Status Build(in BootPlan plan, Backend backend, MpServices* services, UefiFirmware* firmware, out HostRoot* root)
    {
        var memory = new AcpiMemory(firmware);
        if (RootTables<AcpiMemory>.Open(memory, plan.Rsdp, default, out RootTables<AcpiMemory> acpi) != AcpiStatus.Success)
        {
            root = null;
            return Status.NoAcpiTables;
        }
        var builder = new HypervisorBuilder { _arena = new PageArena(plan.Memory.Plan.Hypervisor) };
        root = null;
        Span<uint> apicIds = stackalloc uint[CpuVerdict.MaximumCpus];
        Status status = MachineInventory.ReadCpus(services, apicIds, out int cpuCount);
        if (status != Status.Success)
            return status;

        root = builder._root = (HostRoot*)builder.Take(1).Value;
        if (builder._isOutOfMemory)
            return Status.NotEnoughHypervisorMemory;
        root->Backend = backend;
        if (!builder.TryAddImage())
            return Status.ImageDamaged;
        builder.AddMachine(plan, acpi, firmware->Services);
        builder.AddCpus(apicIds.Slice(0, cpuCount));
        builder.AddPci();
        builder.AddDomains(plan);
        PageTableStatus tables = builder._isOutOfMemory ? PageTableStatus.OutOfPages
            : backend == Backend.Vmx ? builder.AddAddressSpaces<Vmx<Platform>, EptFormat>(plan)
            : builder.AddAddressSpaces<Svm<Platform>, NptFormat>(plan);
        if (tables == PageTableStatus.Ok)
            tables = builder.AddHostTables();
        return tables == PageTableStatus.Ok && !builder._isOutOfMemory ? Status.Success : Status.NotEnoughHypervisorMemory;
    }

    /// <summary>False if the image cannot be relocated; memory that does not suffice is noticed later.</summary>
    private bool TryAddImage()
    {
        _root->ImageBytes = ImageCopy.Bytes;
        HostPhysicalAddress copy = Take((int)(ImageCopy.Bytes / PageSize.Small));
        if (!_isOutOfMemory && ImageCopy.Make(copy, out _root->ImageDelta) != PeStatus.Success)
            return false;
        _root->LogRing = Take(Platform.LogRingBytes / (int)PageSize.Small);
        _root->InitialXsave = Take(1);
        return true;
    }

    private void AddMachine(in BootPlan plan, in RootTables<AcpiMemory> acpi, BootServices* bootServices)
    {
        ref HypervisorState state = ref _root->State;
        state.WaitPage = Take(1);
        state.IoBitmap = Take(IoBitmap.Bytes / (int)PageSize.Small);
        state.MsrBitmap = Take(2);
        state.BootApicBase = Platform.ReadMsr(Msr.ApicBase) & ~ApicBase.BootCpu;
        state.LocalApic = new HostPhysicalAddress(state.BootApicBase & ApicBase.AddressMask);
        state.Power = plan.Power;
        state.Sleep = plan.Sleep;
        state.Report = new HostPhysicalAddress((ulong)plan.Report);
        state.TimestampFrequency = MachineInventory.MeasureTimestamp(bootServices);

        Span<ulong> ioApics = stackalloc ulong[MachineInventory.MaximumIoApics];
        int ioApicCount = MachineInventory.ReadIoApics(acpi, ioApics);
        state.Chipset.IoApics = TakeArray<ulong>(ioApicCount);
        for (int i = 0; i < ioApicCount && !_isOutOfMemory; i++)
            state.Chipset.IoApics.At<Platform>(i) = ioApics[i];
        state.Chipset.Hpet = new HostPhysicalAddress(MachineInventory.ReadHpet(acpi));

        state.Clock.Century = MachineInventory.ReadCentury(acpi);
        state.Clock.Frequency = state.TimestampFrequency;
        state.Clock.Precision = MachineClock.FirstPrecision;

        Span<MsrValue> mtrrs = stackalloc MsrValue[MaximumMtrrs];
        int mtrrCount = MachineInventory.ReadMtrrs(mtrrs);
        state.BootMsrs = TakeArray<MsrValue>(mtrrCount);
        for (int i = 0; i < mtrrCount && !_isOutOfMemory; i++)
            state.BootMsrs.At<Platform>(i) = mtrrs[i];
    }

    private void AddCpus(scoped ReadOnlySpan<uint> apicIds)
    {
        ref HypervisorState state = ref _root->State;
        state.Cpus = TakeArray<VirtualCpu>(apicIds.Length);
        _root->HostCpus = TakeArray<HostCpu>(apicIds.Length);
        for (int i = 0; i < apicIds.Length && !_isOutOfMemory; i++)
        {
            ref VirtualCpu cpu = ref state.Cpus.At<Platform>(i);
            cpu.Index = i;
            cpu.ApicId = apicIds[i];
            cpu.ControlBlock = Take(1);
            cpu.FirstVendorPage = Take(1);
            cpu.SecondVendorPage = Take(1);
            ref HostCpu host = ref _root->HostCpus.At<Platform>(i);
            host.StackTop = TakeStack(HostCpu.StackPages);
            host.Tables = Take(HostTables.Pages);
            ulong nmiStack = TakeStack(HostCpu.InterruptStackPages);
            ulong faultStack = TakeStack(HostCpu.InterruptStackPages);
            if (!_isOutOfMemory)
                HostTables.Build(host.Tables, nmiStack, faultStack, _root->ImageDelta);
        }
    }

    private void AddPci()
    {
        int count = Machine<Platform>.PciInventory.Count(MaximumPciFunctions);
        PhysicalArray<PciFunction> functions = TakeArray<PciFunction>(count);
        HostPhysicalAddress configuration = TakeBytes((ulong)(count * PciFunction.ConfigurationBytes));
        if (_isOutOfMemory)
            return;
        for (int i = 0; i < count; i++)
            functions.At<Platform>(i).Configuration = configuration + (ulong)(i * PciFunction.ConfigurationBytes);
        Machine<Platform>.PciInventory.Read(functions);
        _root->State.PciFunctions = functions;
    }

    private void AddDomains(in BootPlan plan)
    {
        ref HypervisorState state = ref _root->State;
        state.ActiveDomain = Domain.Firmware;
        state.Domains = TakeArray<Domain>(Domain.OfGuest(plan.Guests.Count));
        for (int i = 0; i < state.Domains.Count && !_isOutOfMemory; i++)
            state.Domains.At<Platform>(i).ExitCounts = TakeArray<ulong>(ExitReasonText.Count);
        AddNvs(plan);
        if (!_isOutOfMemory)
            state.Domains.At<Platform>(Domain.Firmware).Phase = DomainPhase.Active;
        for (int i = 0; i < plan.Guests.Count && !_isOutOfMemory; i++)
        {
            ref readonly GuestBoot source = ref *plan.Guests.At(i);
            ref Domain guest = ref state.Domains.At<Platform>(Domain.OfGuest(i));
            guest.Sleep = source.Sleep;
            guest.NameLength = Math.Min(source.NameLength, MaximumNameBytes);
            guest.Name = TakeBytes(MaximumNameBytes);
            if (!_isOutOfMemory)
                source.NameText.Slice(0, guest.NameLength).CopyTo(Platform.Bytes(guest.Name, guest.NameLength));
            guest.KeepsLocalTime = source.KeepsLocalTime;
            state.Clock.IsShared |= source.KeepsLocalTime != plan.Guests.At(0)->KeepsLocalTime;
            AddCopies(ref guest, plan);
        }
    }

    /// <summary>A place for every domain's contents of the ACPI NVS memory.</summary>
    private void AddNvs(in BootPlan plan)
    {
        ref HypervisorState state = ref _root->State;
        ReadOnlySpan<MemoryDescriptor> map = plan.Memory.FirmwareDescriptors;
        state.NvsRanges = TakeArray<MemoryRange>(CountAbove640KiB(map, MemoryType.AcpiNvs));
        int next = 0;
        foreach (ref readonly MemoryDescriptor descriptor in map)
        {
            if (IsAbove640KiB(descriptor, MemoryType.AcpiNvs) && !_isOutOfMemory)
                state.NvsRanges.At<Platform>(next++) = descriptor.Range;
        }
        ulong bytes = AcpiMemorySize.Of(map).NvsBytes;
        for (int i = 0; i < state.Domains.Count && !_isOutOfMemory; i++)
            state.Domains.At<Platform>(i).Nvs = TakeBytes(bytes);
    }

    /// <summary>The first 640 KiB, and every range of ACPI tables.</summary>
    private void AddCopies(ref Domain guest, in BootPlan plan)
    {
        ReadOnlySpan<MemoryDescriptor> map = plan.Memory.FirmwareDescriptors;
        guest.Copies = TakeArray<PrivateCopy>(1 + CountAbove640KiB(map, MemoryType.AcpiReclaim));
        if (_isOutOfMemory)
            return;
        AddCopy(ref guest.Copies.At<Platform>(0), 0, GuestAddressSpace.LowMemoryBytes);
        int next = 1;
        foreach (ref readonly MemoryDescriptor descriptor in map)
        {
            if (IsAbove640KiB(descriptor, MemoryType.AcpiReclaim))
                AddCopy(ref guest.Copies.At<Platform>(next++), descriptor.PhysicalStart, descriptor.Range.Length);
        }
    }

    private void AddCopy(ref PrivateCopy copy, ulong start, ulong length) => copy = new PrivateCopy
    {
        GuestStart = start,
        Length = length,
        Backing = Take((int)(length / PageSize.Small)),
    };

    private static int CountAbove640KiB(ReadOnlySpan<MemoryDescriptor> map, MemoryType type)
    {
        int count = 0;
        foreach (ref readonly MemoryDescriptor descriptor in map)
        {
            if (IsAbove640KiB(descriptor, type))
                count++;
        }
        return count;
    }

    /// <summary>A guest's memory below is its own, whatever the firmware's type of it.</summary>
    private static bool IsAbove640KiB(in MemoryDescriptor descriptor, MemoryType type)
        => descriptor.Type == type && descriptor.PhysicalStart >= GuestAddressSpace.LowMemoryBytes;

    private PageTableStatus AddAddressSpaces<TVirtualization, TFormat>(in BootPlan plan)
        where TVirtualization : struct, IVirtualization
        where TFormat : struct, IPageFormat
    {
        ref HypervisorState state = ref _root->State;
        Span<ulong> fixedRanges = stackalloc ulong[MtrrMap.FixedRegisters];
        Span<ulong> variableRanges = stackalloc ulong[MaximumMtrrs];
        int bits = CpuFeatures<Platform>.PhysicalAddressBits;
        MtrrMap types = MachineInventory.MemoryTypes(state.BootMsrs, fixedRanges, variableRanges, bits);
        PageTableStatus status = GuestAddressSpace.TryBuildIdentity(
            bits, Backends.LargestNestedPage(_root->Backend), types, ref _arena,
            out NestedPageTable<TFormat, Platform> identity);
        AllOnesPages allOnes = default;
        if (status == PageTableStatus.Ok)
            status = AllOnesPages.TryCreate<TFormat, Platform>(ref _arena, out allOnes);
        var special = new SpecialPages
        {
            Apic = new GuestPhysicalAddress(state.LocalApic.Value),
            ApicAccess = (TVirtualization.Gaps & VendorGaps.StartupIntercept) != 0 ? Access.Read : Access.ReadWrite,
            Wait = (TVirtualization.Gaps & VendorGaps.StartupIntercept) != 0 ? state.WaitPage : default,
        };
        var parts = new AddressSpaceParts<TFormat, Platform>
        {
            Identity = identity,
            FirmwareMap = plan.Memory.FirmwareDescriptors,
            Plan = plan.Memory.Plan,
            Special = special,
            AllOnes = allOnes,
        };
        if (status == PageTableStatus.Ok)
        {
            status = GuestAddressSpace.TryBuildBoot(parts, ref _arena, out NestedPageTable<TFormat, Platform> boot);
            state.Domains.At<Platform>(Domain.Firmware).NestedRoot = boot.Root;
        }
        for (int i = 0; i < plan.Guests.Count && status == PageTableStatus.Ok; i++)
        {
            ref Domain guest = ref state.Domains.At<Platform>(Domain.OfGuest(i));
            PhysicalArray<PrivateCopy> copies = guest.Copies;
            ReadOnlySpan<PrivateCopy> span = copies.Count == 0 ? default : new ReadOnlySpan<PrivateCopy>(
                System.Runtime.CompilerServices.Unsafe.AsPointer(ref copies.At<Platform>(0)), copies.Count);
            status = GuestAddressSpace.TryBuild(parts, i, span, ref _arena, out NestedPageTable<TFormat, Platform> table);
            guest.NestedRoot = table.Root;
        }
        return status;
    }

    /// <summary>
    /// The hypervisor's own map: everything at its own address, data not executable, the image's sections as they want to be.
    /// </summary>
    private PageTableStatus AddHostTables()
    {
        ulong largestPage = CpuFeatures<Platform>.LargestPage;
        PageTableStatus status = NestedPageTable<HostFormat, Platform>.TryCreate(
            ref _arena, largestPage, out NestedPageTable<HostFormat, Platform> table);
        if (status == PageTableStatus.Ok)
        {
            int bits = HypervisorMemory.MappedAddressBits(CpuFeatures<Platform>.PhysicalAddressBits, largestPage);
            var everything = new MemoryRange(0, 1UL << bits);
            status = table.MapIdentity(everything, Access.ReadWrite, CacheType.WriteBack, ref _arena);
        }
        if (status == PageTableStatus.Ok)
            status = ImageCopy.Protect(table, new HostPhysicalAddress(ImageCopy.Base + _root->ImageDelta), ref _arena);
        _root->PageTable = table.Root;
        return status;
    }

    private HostPhysicalAddress Take(int pages)
    {
        if (!_arena.TryTake<Platform>(pages, out HostPhysicalAddress first))
            _isOutOfMemory = true;
        return first;
    }

    private HostPhysicalAddress TakeBytes(ulong bytes) =>
        Take((int)(PageSize.AlignUp(Math.Max(1, bytes), PageSize.Small) / PageSize.Small));

    private PhysicalArray<T> TakeArray<T>(int count)
        where T : unmanaged
        => new(TakeBytes(PhysicalArray<T>.BytesFor(count)), count);

    private ulong TakeStack(int pages) => Take(pages).Value + ((ulong)pages * PageSize.Small);
}

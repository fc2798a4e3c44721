using System;
using System.Linq;
using System.Text;
using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;
using Switcher.Hv.Paging;
using Switcher.Hv.Run;
using Switcher.Hv.State;
using Switcher.Hv.Svm;
using Switcher.Hv.Switch;

namespace Switcher.Tests.Hv.Machine;

/// <summary>
/// Lays out the memory of a <see cref="FakeMachine"/> as the boot side would: the hypervisor's structures, partitions, page tables.
/// </summary>
internal static class MachineMemory
{
    private const ulong IdentityEnd = 0x1_0000_0000;

    public static void Build(FakeMachine machine)
    {
        machine.Ram.Add(0, MemoryLayout.LowBytes);
        machine.Ram.Add(MemoryLayout.Hypervisor, MemoryLayout.HypervisorBytes);
        machine.Ram.Add(MemoryLayout.Firmware, MemoryLayout.PartitionBytes);
        machine.Ram.Add(MemoryLayout.Nvs, 2 * MemoryLayout.NvsBytes);
        WriteIdentityTables(MemoryLayout.Firmware);
        var arena = new PageArena(new MemoryRange(MemoryLayout.Hypervisor, MemoryLayout.HypervisorBytes));
        ref HypervisorState state = ref machine.Hypervisor;
        state.ActiveDomain = Domain.Firmware;
        state.WaitPage = Take(ref arena);
        state.IoBitmap = Take(ref arena, IoBitmap.Bytes);
        state.MsrBitmap = Take(ref arena, MsrPermissionMap.Bytes);
        state.LocalApic = new HostPhysicalAddress(FakeMachine.LocalApicBase);
        state.BootApicBase = FakeMachine.LocalApicBase | ApicBase.Enable;
        state.Power = machine.Power;
        machine.Ram.Add(MemoryLayout.Report, HypervisorReport.Length);
        state.Report = new HostPhysicalAddress(MemoryLayout.Report);
        state.TimestampFrequency = FakeMachine.TimestampFrequency;
        state.Chipset.IoApics = TakeArray<ulong>(ref arena, machine.IoApics.Count);
        foreach ((ulong address, int i) in machine.IoApics.Keys.Select((address, i) => (address, i)))
            state.Chipset.IoApics.At<FakePlatform>(i) = address;
        state.Chipset.Hpet = new HostPhysicalAddress(FakeMachine.HpetBase);
        state.BootMsrs = TakeArray<MsrValue>(ref arena, 1);
        state.BootMsrs.At<FakePlatform>(0) = new MsrValue { Register = Msr.MtrrDefType, Value = 0xC06 };
        AddCpus(machine, ref arena);
        AddDomains(machine, ref arena);
        if (machine.Options.VmxModel is null)
            AddAddressSpaces<NptFormat>(machine, ref arena);
        else
            AddAddressSpaces<EptFormat>(machine, ref arena);
    }

    /// <summary>Finds the PCI functions that a test has put into the machine.</summary>
    public static void AddPci(FakeMachine machine)
    {
        // The last pages of the hypervisor's memory; the arena began at the first.
        const int MostFunctions = 32;
        const ulong End = MemoryLayout.Hypervisor + MemoryLayout.HypervisorBytes;
        const ulong Start = End - (MostFunctions * PciFunction.ConfigurationBytes) - PageSize.Small;
        int count = Machine<FakePlatform>.PciInventory.Count(MostFunctions);
        var functions = new PhysicalArray<PciFunction>(new HostPhysicalAddress(Start), count);
        for (int i = 0; i < count; i++)
        {
            functions.At<FakePlatform>(i).Configuration = new HostPhysicalAddress(Start + PageSize.Small)
                + ((ulong)i * PciFunction.ConfigurationBytes);
        }
        Machine<FakePlatform>.PciInventory.Read(functions);
        machine.Hypervisor.PciFunctions = functions;
    }

    private static void AddCpus(FakeMachine machine, ref PageArena arena)
    {
        machine.Hypervisor.Cpus = TakeArray<VirtualCpu>(ref arena, machine.Cpus.Count);
        foreach (FakeCpu cpu in machine.Cpus)
        {
            cpu.Virtual.Index = cpu.Index;
            cpu.Virtual.ApicId = cpu.ApicId;
            cpu.Virtual.ControlBlock = Take(ref arena);
            cpu.Virtual.FirstVendorPage = Take(ref arena);
            cpu.Virtual.SecondVendorPage = Take(ref arena);
        }
    }

    private static void AddDomains(FakeMachine machine, ref PageArena arena)
    {
        machine.Hypervisor.Domains = TakeArray<Domain>(ref arena, Domain.OfGuest(machine.Options.Guests));
        machine.Hypervisor.NvsRanges = TakeArray<MemoryRange>(ref arena, 2);
        for (int i = 0; i < 2; i++)
        {
            machine.Hypervisor.NvsRanges.At<FakePlatform>(i) =
                new MemoryRange(MemoryLayout.Nvs + (ulong)(i * MemoryLayout.NvsBytes), MemoryLayout.NvsBytes);
        }
        for (int i = 0; i < machine.Hypervisor.Domains.Count; i++)
        {
            machine.Domain(i).ExitCounts = TakeArray<ulong>(ref arena, ExitReasonText.Count);
            machine.Domain(i).Nvs = Take(ref arena, 2 * MemoryLayout.NvsBytes);
        }
        machine.Domain(Domain.Firmware).Phase = DomainPhase.Active;
        for (int i = 0; i < machine.Options.Guests; i++)
        {
            ulong partition = MemoryLayout.Partition(i);
            machine.Ram.Add(partition, MemoryLayout.PartitionBytes);
            WriteIdentityTables(partition);
            byte[] name = Encoding.ASCII.GetBytes($"guest {i}");
            ref Domain guest = ref machine.Guest(i);
            guest.Name = Take(ref arena);
            guest.NameLength = name.Length;
            name.CopyTo(FakePlatform.Bytes(guest.Name, name.Length));
            FakePlatform.At<uint>(new HostPhysicalAddress(partition + MemoryLayout.Facs) + 4) = 64;
            guest.Copies = TakeArray<PrivateCopy>(ref arena, 1);
            guest.Copies.At<FakePlatform>(0) = new PrivateCopy
            {
                GuestStart = MemoryLayout.LowCopy,
                Length = MemoryLayout.LowCopyBytes,
                Backing = Take(ref arena, MemoryLayout.LowCopyBytes),
            };
            FakePlatform.At<ParkContext>(new HostPhysicalAddress(partition + MemoryLayout.ParkContext)) = new ParkContext
            {
                Cr3 = partition + MemoryLayout.PageTables,
                GdtBase = partition + MemoryLayout.GlobalDescriptors,
                GdtLimit = 0x7F,
                IdtBase = partition + MemoryLayout.InterruptDescriptors,
                IdtLimit = 0x1FF,
                Services = partition + MemoryLayout.Services,
                Facs = partition + MemoryLayout.Facs,
            };
        }
    }

    private static void AddAddressSpaces<TFormat>(FakeMachine machine, ref PageArena arena)
        where TFormat : struct, IPageFormat
    {
        Check(AllOnesPages.TryCreate<TFormat, FakePlatform>(ref arena, out AllOnesPages allOnes));
        machine.Domain(Domain.Firmware).NestedRoot = AddAddressSpace<TFormat>(machine, Domain.Firmware, allOnes, ref arena);
        for (int i = 0; i < machine.Options.Guests; i++)
            machine.Guest(i).NestedRoot = AddAddressSpace<TFormat>(machine, Domain.OfGuest(i), allOnes, ref arena);
    }

    private static HostPhysicalAddress AddAddressSpace<TFormat>(FakeMachine machine, int domain, in AllOnesPages allOnes,
        ref PageArena arena)
        where TFormat : struct, IPageFormat
    {
        Access apic = machine.Options.VmxModel is null ? Access.Read : Access.ReadWrite;
        Check(NestedPageTable<TFormat, FakePlatform>.TryCreate(ref arena, PageSize.Huge, out NestedPageTable<TFormat, FakePlatform> table));
        Check(table.MapIdentity(new MemoryRange(0, IdentityEnd), Access.ReadWriteExecute, CacheType.WriteBack, ref arena));
        Check(table.MapAllOnes(new MemoryRange(MemoryLayout.Hypervisor, MemoryLayout.HypervisorBytes), allOnes, ref arena));
        Check(table.MapIdentity(Page(machine.Hypervisor.WaitPage.Value), Access.ReadExecute, CacheType.WriteBack, ref arena));
        Check(table.MapIdentity(Page(FakeMachine.LocalApicBase), apic, CacheType.Uncacheable, ref arena));
        if (Domain.IsFirmware(domain))
            return table.Root;

        for (int other = 0; other < machine.Options.Guests; other++)
        {
            if (Domain.OfGuest(other) != domain)
                Check(table.MapAllOnes(new MemoryRange(MemoryLayout.Partition(other), MemoryLayout.PartitionRange), allOnes, ref arena));
        }
        Check(table.MapAllOnes(new MemoryRange(MemoryLayout.Firmware, MemoryLayout.PartitionRange), allOnes, ref arena));
        PrivateCopy copy = machine.Domain(domain).Copies.At<FakePlatform>(0);
        Check(table.Map(new GuestPhysicalAddress(copy.GuestStart), copy.Backing, copy.Length, Access.ReadWriteExecute, CacheType.WriteBack,
            ref arena));
        return table.Root;
    }

    /// <summary>Four levels that map 4 GiB to itself with pages of 1 GiB: what a guest's CR3 points to.</summary>
    private static void WriteIdentityTables(ulong start)
    {
        const ulong PresentWritable = 3;
        const ulong Large = 0x80;
        ulong tables = start + MemoryLayout.PageTables;
        FakePlatform.At<ulong>(new HostPhysicalAddress(tables)) = (tables + PageSize.Small) | PresentWritable;
        for (ulong i = 0; i < IdentityEnd / PageSize.Huge; i++)
            FakePlatform.At<ulong>(new HostPhysicalAddress(tables + PageSize.Small + (8 * i))) =
                (i * PageSize.Huge) | PresentWritable | Large;
    }

    private static MemoryRange Page(ulong address) => new(address, PageSize.Small);

    private static HostPhysicalAddress Take(ref PageArena arena, int bytes = (int)PageSize.Small)
        => arena.TryTake<FakePlatform>((int)(PageSize.AlignUp((ulong)bytes, PageSize.Small) / PageSize.Small),
        out HostPhysicalAddress first)
            ? first : throw new InvalidOperationException("the hypervisor's memory is too small");

    private static PhysicalArray<T> TakeArray<T>(ref PageArena arena, int count)
        where T : unmanaged
        => new(Take(ref arena, (int)PhysicalArray<T>.BytesFor(count)), count);

    private static void Check(PageTableStatus status)
    {
        if (status != PageTableStatus.Ok)
            throw new InvalidOperationException(status.ToString());
    }
}

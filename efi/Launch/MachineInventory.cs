using System;
using Switcher.Acpi;
using Switcher.Boot.Memory;
using Switcher.Efi.Host;
using Switcher.Efi.Uefi;
using Switcher.Hv.Cpu;
using Switcher.Hv.Paging;
using Switcher.Hv.State;

namespace Switcher.Efi.Launch;

/// <summary>
/// What there is in this machine that the hypervisor has to know of, beside its memory: CPUs, I/O APICs, the HPET, the clock, MTRRs.
/// </summary>
internal static unsafe class MachineInventory
{
    public const int MaximumIoApics = 16;

    /// <summary>Local APIC IDs of the enabled CPUs, the one that executes this first.</summary>
    public static Status ReadCpus(MpServices* services, Span<uint> apicIds, out int count)
    {
        count = 0;
        nuint total = 1;
        nuint enabled = 1;
        nuint self = 0;
        if (services != null)
        {
            services->GetNumberOfProcessors(services, &total, &enabled);
            services->WhoAmI(services, &self);
        }
        if (enabled > (nuint)apicIds.Length)
            return Status.TooManyCpus;
        apicIds[count++] = CpuFeatures<Platform>.ApicId;
        for (nuint i = 0; i < total; i++)
        {
            ProcessorInformation information;
            if (i == self || services->GetProcessorInfo(services, i, &information) != EfiStatus.Success)
                continue;
            if ((information.StatusFlag & ProcessorStatus.Enabled) != 0 && count < apicIds.Length)
                apicIds[count++] = (uint)information.ProcessorId;
        }
        return Status.Success;
    }

    /// <summary>Physical addresses of the I/O APICs.</summary>
    public static int ReadIoApics<TMemory>(in RootTables<TMemory> tables, Span<ulong> addresses)
        where TMemory : struct, IAcpiMemory
    {
        int count = 0;
        if (!tables.TryFind(Signature.Madt, 0, out ReadOnlySpan<byte> bytes, out _))
            return 0;
        int offset = 0;
        while (count < addresses.Length && TableRecords.TryNext(bytes, ref offset, default, out ReadOnlySpan<byte> record))
        {
            if (new MadtEntry(record).TryGetIoApic(out uint address))
                addresses[count++] = address;
        }
        return count;
    }

    /// <summary>Physical address of the HPET, or 0.</summary>
    public static ulong ReadHpet<TMemory>(in RootTables<TMemory> tables)
        where TMemory : struct, IAcpiMemory
        => tables.TryFind(Signature.Hpet, 0, out ReadOnlySpan<byte> bytes, out _) ? new Hpet(bytes).Registers : 0;

    /// <summary>Index of the register that has the century in the real-time clock's memory, or 0.</summary>
    public static byte ReadCentury<TMemory>(in RootTables<TMemory> tables)
        where TMemory : struct, IAcpiMemory
        => Fadt.Find(tables, default, out ReadOnlySpan<byte> bytes, out _) == AcpiStatus.Success ? new Fadt(bytes).Century : (byte)0;

    /// <summary>The MTRRs of the CPU that executes this: SDM vol. 3, 12.11.1; empty where the CPU has none.</summary>
    public static int ReadMtrrs(Span<MsrValue> values)
    {
        const ulong HasFixedRanges = 1 << 8;
        if (!CpuFeatures<Platform>.HasMtrrs)
            return 0;
        ulong capabilities = Platform.ReadMsr(Msr.MtrrCap);
        int count = 0;
        for (uint i = 0; i < 2 * (capabilities & 0xFF) && count < values.Length - 12; i++)
            Add(values, ref count, Msr.MtrrPhysBase0 + i);
        if ((capabilities & HasFixedRanges) != 0)
        {
            Add(values, ref count, Msr.MtrrFix64K00000);
            Add(values, ref count, Msr.MtrrFix16K80000);
            Add(values, ref count, Msr.MtrrFix16KA0000);
            for (uint i = 0; i < 8; i++)
                Add(values, ref count, Msr.MtrrFix4KC0000 + i);
        }
        Add(values, ref count, Msr.MtrrDefType);
        return count;
    }

    /// <summary>The memory types that the MTRRs say.</summary>
    /// <param name="mtrrs">What <see cref="ReadMtrrs"/> read.</param>
    /// <param name="fixedRanges">Room for the registers of the fixed ranges.</param>
    /// <param name="variableRanges">Room for those of the variable ranges.</param>
    /// <param name="physicalAddressBits">CPUID 8000_0008h, EAX[7:0].</param>
    public static MtrrMap MemoryTypes(
        in PhysicalArray<MsrValue> mtrrs, Span<ulong> fixedRanges, Span<ulong> variableRanges, int physicalAddressBits)
    {
        int fixedCount = 0;
        int variableCount = 0;
        ulong defaultType = 0;
        for (int i = 0; i < mtrrs.Count; i++)
        {
            ref MsrValue mtrr = ref mtrrs.At<Platform>(i);
            if (mtrr.Register == Msr.MtrrDefType)
                defaultType = mtrr.Value;
            else if (mtrr.Register < Msr.MtrrFix64K00000)
                variableRanges[variableCount++] = mtrr.Value;
            else
                fixedRanges[fixedCount++] = mtrr.Value;
        }
        return new MtrrMap(defaultType, fixedRanges.Slice(0, fixedCount), variableRanges.Slice(0, variableCount), physicalAddressBits);
    }

    /// <summary>Ticks of the time-stamp counter in a second, measured against the firmware's clock.</summary>
    public static ulong MeasureTimestamp(BootServices* services)
    {
        const uint Microseconds = 20_000;
        ulong start = Platform.ReadTimestamp();
        services->Stall(Microseconds);
        return (Platform.ReadTimestamp() - start) * (1_000_000 / Microseconds);
    }

    private static void Add(Span<MsrValue> values, ref int count, uint register)
        => values[count++] = new MsrValue { Register = register, Value = Platform.ReadMsr(register) };
}

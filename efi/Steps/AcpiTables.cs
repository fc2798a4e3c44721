using System;
using Switcher.Acpi;
using Switcher.Boot.Memory;
using Switcher.Boot.Text;
using Switcher.Efi.Firmware;
using Switcher.Efi.Guests;
using Switcher.Efi.Launch;
using Switcher.Efi.Loader;
using Switcher.Efi.Uefi;
using Switcher.Hv.Devices;
using MemoryType = Switcher.Boot.Memory.MemoryType;

namespace Switcher.Efi.Steps;

/// <summary>The step "acpi": how this machine sleeps, and the view of its tables that each guest gets.</summary>
internal static unsafe class AcpiTables
{
    private static ulong s_rsdp;
    private static PowerManagement s_power;
    private static ushort s_sciInterrupt;
    private static bool s_isS3Synthesized;
    private static SleepTypes s_sleep;

    /// <summary>Tells the hypervisor.</summary>
    public static void Describe(ref BootPlan plan)
    {
        plan.Rsdp = s_rsdp;
        plan.Power = s_power;
        plan.SciInterrupt = s_sciInterrupt;
        plan.IsS3Synthesized = s_isS3Synthesized;
    }

    /// <summary>Reads what the hypervisor must know, and refuses machines on which it could not catch a request for S3.</summary>
    public static bool Read()
    {
        if (!FirmwareMap.Create() || !FirmwareMap.Read(out _))
            return Refusal.Because("the firmware's memory map cannot be read"u8);
        if (!TryOpen(out RootTables<AcpiMemory> tables))
            return Refusal.Because("the firmware has no ACPI tables"u8);
        if (Fadt.Find(tables, default, out ReadOnlySpan<byte> table, out _) != AcpiStatus.Success)
            return Refusal.Because("the firmware's ACPI tables have no FADT"u8);
        Fadt fadt = new(table);
        SleepHardware hardware = new(fadt);
        if (!IsSupported(hardware))
            return false;
        s_sleep = SleepTypes.Read(tables, Sdt.Map(tables.Memory, fadt.DsdtAddress, default), default);
        if (Facs.Map(tables.Memory, fadt.FacsAddress, default).IsEmpty)
            return Refusal.Because("ACPI has no FACS, where a system leaves its waking vector"u8);

        s_isS3Synthesized = !s_sleep.S3.IsOffered;
        s_sciInterrupt = fadt.SciInt;
        s_power = new PowerManagement
        {
            Pm1aEvent = Port(hardware.Pm1aEvt),
            Pm1bEvent = Port(hardware.Pm1bEvt),
            Pm1EventLength = hardware.Pm1EvtLength,
            Pm1aControl = Port(hardware.Pm1aCnt),
            Pm1bControl = Port(hardware.Pm1bCnt),
            Gpe0 = Port(fadt.Gpe0Blk),
            Gpe0Length = fadt.Gpe0BlkLen,
            Gpe1 = Port(fadt.Gpe1Blk),
            Gpe1Length = fadt.Gpe1BlkLen,
            ResetPort = Port(hardware.Reset),
            ResetValue = hardware.ResetValue,
            S1 = TypeOf(s_sleep.S1),
            S3 = TypeOf(s_sleep.GuestS3),
            S4 = TypeOf(s_sleep.S4),
            S5 = TypeOf(s_sleep.S5),
        };
        Report(fadt);
        return true;
    }

    /// <summary>Writes every guest's view into its partition.</summary>
    public static bool CreateViews()
    {
        if (!TryOpen(out RootTables<AcpiMemory> tables))
            return Refusal.Because("the firmware's ACPI tables are gone"u8);

        // The boot logo and the platform binary that these two point to are in memory that the guest that starts first gets.
        Span<Signature> withheld = stackalloc Signature[2];
        withheld[0] = Signature.Bgrt;
        withheld[1] = new Signature("WPBT"u8);
        for (int i = 0; i < BootGuests.Count; i++)
        {
            Session.Begin(ref BootGuests.At(i));
            GuestTablesOptions options = new() { Withheld = Session.IsParked ? withheld : default };
            if (!CreateView(tables, options))
                return Refusal.Because("the ACPI tables cannot be copied for a guest"u8);
        }

        return true;
    }

    private static bool CreateView(RootTables<AcpiMemory> tables, scoped GuestTablesOptions options)
    {
        const ulong FourGibibytes = 4 * PageSize.Huge;
        int size = GuestTables.Measure(tables, s_sleep, options);
        if (size == 0)
            return false;

        // The FACS is in it, which the OS writes, so all of it is ACPI NVS (ACPI 6.5, 15.4 "UEFI Assumptions and Conditions").
        ulong address = MemoryServices.Allocate(MemoryType.AcpiNvs, (ulong)size, FourGibibytes - 1);
        if (address == 0)
            return false;
        AcpiStatus status = GuestTables.Write(
            tables, s_sleep, options, new Span<byte>((void*)address, size), address, out GuestView view);
        Session.Guest.Rsdp = view.RsdpAddress;
        Session.Guest.RsdpGuid = view.RsdpLength == Rsdp.Length1 ? ConfigurationTable.Acpi10 : ConfigurationTable.Acpi20;
        Session.Guest.Facs = view.FacsAddress;
        return status == AcpiStatus.Success;
    }

    private static bool TryOpen(out RootTables<AcpiMemory> tables)
    {
        // UEFI 2.10, 4.6: the newer GUID is preferred.
        void* rsdp = ConfigurationTables.Find(ConfigurationTable.Acpi20);
        if (rsdp == null)
            rsdp = ConfigurationTables.Find(ConfigurationTable.Acpi10);
        s_rsdp = (ulong)rsdp;
        tables = default;
        return rsdp != null
            && RootTables<AcpiMemory>.Open(default, s_rsdp, default, out tables) == AcpiStatus.Success;
    }

    private static bool IsSupported(in SleepHardware hardware)
    {
        switch (hardware.Support)
        {
            case SleepSupport.Supported:
                break;
            case SleepSupport.HardwareReduced:
                return Refusal.Because("this machine is hardware-reduced ACPI, which has no S3"u8);
            case SleepSupport.NoPm1Control:
                return Refusal.Because("ACPI describes no PM1 control register"u8);
            default:
                return Refusal.Because("ACPI's PM1 control register is in an address space that cannot be watched"u8);
        }

        return IsPort(hardware.Pm1aCnt) && IsPort(hardware.Pm1bCnt) && IsPort(hardware.Pm1aEvt) && IsPort(hardware.Pm1bEvt)
            ? true
            : Refusal.Because("ACPI's PM1 registers are in memory space"u8);
    }

    private static bool IsPort(GenericAddress register) => !register.IsPresent || register.Space == AddressSpace.SystemIo;

    private static ushort Port(GenericAddress register) =>
        register.Space == AddressSpace.SystemIo && register.Address <= ushort.MaxValue ? (ushort)register.Address : (ushort)0;

    private static SleepType TypeOf(SleepState state) => new() { IsPresent = state.IsOffered, A = state.SlpTypA, B = state.SlpTypB };

    private static void Report(Fadt fadt)
    {
        var line = new LogLine("STEP acpi"u8);
        line.Hex("pm1a"u8, s_power.Pm1aControl);
        if (s_power.Pm1bControl != 0)
            line.Hex("pm1b"u8, s_power.Pm1bControl);
        line.Number("s3"u8, s_power.S3.A);
        if (s_power.S5.IsPresent)
            line.Number("s5"u8, s_power.S5.A);
        line.Hex("facs"u8, fadt.FacsAddress);
        if (s_isS3Synthesized)
            line.Word("synthesized"u8, "s3"u8);
        line.WriteTo<Log>();
    }
}

using System;
using Switcher.Acpi;
using Switcher.Boot.Memory;
using Switcher.Boot.Text;
using Switcher.Boot.Verdict;
using Switcher.Efi.Firmware;
using Switcher.Efi.Guests;
using Switcher.Efi.Uefi;
using Switcher.Hv.Devices;
using MemoryType = Switcher.Boot.Memory.MemoryType;

namespace Switcher.Efi.Steps;

/// <summary>The step "acpi": how this machine sleeps, and the view of its tables that each guest gets.</summary>
internal static unsafe class AcpiTables
{
    /// <summary>Reads what the hypervisor must know, and refuses machines on which a request for S3 could not be caught.</summary>
    public static bool Read(BootContext* boot)
    {
        if (!boot->Firmware.Map.Create(&boot->Firmware) || !boot->Firmware.Map.Read(out _))
            return boot->Firmware.Refusal.Because("the firmware's memory map cannot be read"u8);
        boot->Plan.Rsdp = FindRsdp(boot);
        var findings = new BootFindings(&boot->Firmware);
        TableVerdict.Judge(
            new AcpiMemory(&boot->Firmware), boot->Plan.Rsdp, default, ref findings, out SleepTables<AcpiMemory> read);
        if (!boot->Firmware.Refusal.Reason.IsEmpty)
            return false;

        Fadt fadt = read.Fadt;
        SleepHardware hardware = read.Hardware;
        boot->Sleep = read.Sleep;
        boot->Plan.Power = new PowerManagement
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
            S1 = TypeOf(boot->Sleep.S1),
            S3 = TypeOf(boot->Sleep.GuestS3),
            S4 = TypeOf(boot->Sleep.S4),
            S5 = TypeOf(boot->Sleep.S5),
        };
        Report(boot, fadt);
        return true;
    }

    /// <summary>Writes every guest's view into its partition.</summary>
    public static bool CreateViews(BootContext* boot)
    {
        for (int i = 0; i < boot->Plan.Guests.Count; i++)
        {
            if (!CreateView(boot, boot->Plan.Guests.At(i)))
                return false;
        }

        return true;
    }

    /// <summary>Writes a guest's view into its partition.</summary>
    public static bool CreateView(BootContext* boot, GuestBoot* guest)
    {
        if (RootTables<AcpiMemory>.Open(new AcpiMemory(&boot->Firmware), boot->Plan.Rsdp, default, out RootTables<AcpiMemory> tables)
            != AcpiStatus.Success)
            return boot->Firmware.Refusal.Because("the firmware's ACPI tables are gone"u8);

        // The boot logo and the platform binary that these two point to are in the firmware's memory.
        Span<Signature> withheld = stackalloc Signature[2];
        withheld[0] = Signature.Bgrt;
        withheld[1] = new Signature("WPBT"u8);
        GuestTablesOptions options = new() { Withheld = withheld };
        return CreateView(boot, guest, tables, options)
            || boot->Firmware.Refusal.Because("the ACPI tables cannot be copied for a guest"u8);
    }

    private static bool CreateView(
        BootContext* boot, GuestBoot* guest, RootTables<AcpiMemory> tables, scoped GuestTablesOptions options)
    {
        const ulong FourGibibytes = 4 * PageSize.Huge;
        int size = GuestTables.Measure(tables, boot->Sleep, options);
        if (size == 0)
            return false;

        // The FACS is in it, which the OS writes, so all of it is ACPI NVS (ACPI 6.5, 15.4 "UEFI Assumptions and Conditions").
        ulong address = GuestBoot.Allocate(guest, MemoryType.AcpiNvs, (ulong)size, FourGibibytes - 1);
        if (address == 0)
            return false;
        AcpiStatus status = GuestTables.Write(
            tables, boot->Sleep, options, new Span<byte>((void*)address, size), address, out GuestView view);
        guest->Rsdp = view.RsdpAddress;
        guest->RsdpGuid = view.RsdpLength == Rsdp.Length1 ? ConfigurationTable.Acpi10 : ConfigurationTable.Acpi20;
        guest->Facs = view.FacsAddress;
        return status == AcpiStatus.Success;
    }

    /// <summary>UEFI 2.10, 4.6: the newer GUID is preferred.</summary>
    private static ulong FindRsdp(BootContext* boot)
    {
        void* rsdp = boot->Firmware.ConfigurationTable(ConfigurationTable.Acpi20);
        return (ulong)(rsdp != null ? rsdp : boot->Firmware.ConfigurationTable(ConfigurationTable.Acpi10));
    }

    private static ushort Port(GenericAddress register) =>
        register.Space == AddressSpace.SystemIo && register.Address <= ushort.MaxValue ? (ushort)register.Address : (ushort)0;

    private static SleepType TypeOf(SleepState state) => new() { IsPresent = state.IsOffered, A = state.SlpTypA, B = state.SlpTypB };

    private static void Report(BootContext* boot, Fadt fadt)
    {
        var line = new LogLine("STEP acpi"u8);
        line.Hex("pm1a"u8, boot->Plan.Power.Pm1aControl);
        if (boot->Plan.Power.Pm1bControl != 0)
            line.Hex("pm1b"u8, boot->Plan.Power.Pm1bControl);
        line.Number("s3"u8, boot->Plan.Power.S3.A);
        if (boot->Plan.Power.S5.IsPresent)
            line.Number("s5"u8, boot->Plan.Power.S5.A);
        line.Hex("facs"u8, fadt.FacsAddress);
        if (!boot->Sleep.S3.IsOffered)
            line.Word("synthesized"u8, "s3"u8);
        line.WriteTo<Log>();
    }
}

using System;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Setup;

/// <summary>
/// ACPI tables of a machine with a PIIX4 (82371AB), for emulators in which the firmware has none: without a description of the machine from
/// its emulator, OVMF publishes no tables. What the tables say is ACPI 6.5, chapter 5 "ACPI Software Programming Model"; where things are,
/// OVMF has decided.
/// </summary>
internal static unsafe class AcpiTables
{
    private const int HeaderBytes = 36;
    private const uint PowerManagementBase = 0xB000;
    private const int SystemControlInterrupt = 9;

    /// <summary>Installs FACS, DSDT, FADT and MADT, in this order, since the FADT points to the first two.</summary>
    public static EfiStatus Install()
    {
        var protocol = (AcpiTableProtocol*)Machine.Service(AcpiTableProtocol.Protocol);
        if (protocol == null)
            return EfiStatus.NotFound;
        EfiStatus status = Install(protocol, Facs());
        if (!status.IsError)
            status = Install(protocol, Dsdt());
        if (!status.IsError)
            status = Install(protocol, Fadt());
        return status.IsError ? status : Install(protocol, Madt());
    }

    private static EfiStatus Install(AcpiTableProtocol* protocol, in ByteWriter table)
    {
        nuint key = 0;
        fixed (byte* bytes = table.Written)
            return protocol->InstallAcpiTable(protocol, bytes, (nuint)table.Length, &key);
    }

    /// <summary>5.2.10 "Firmware ACPI Control Structure (FACS)".</summary>
    private static ByteWriter Facs()
    {
        const int Bytes = 64;
        const int VersionOffset = 32;
        ByteWriter table = ByteWriter.Create(Bytes);
        table.Bytes("FACS"u8);
        table.U32(Bytes);
        table.Zeros(VersionOffset - table.Length);
        table.Byte(2);
        table.Zeros(Bytes - table.Length);
        return table;
    }

    /// <summary>5.2.11.1 "Differentiated System Description Table (DSDT)".</summary>
    private static ByteWriter Dsdt()
    {
        ReadOnlySpan<byte> code = Piix4Aml.Code;
        ByteWriter table = Header("DSDT"u8, 1, HeaderBytes + code.Length);
        table.Bytes(code);
        return table;
    }

    /// <summary>
    /// 5.2.9 "Fixed ACPI Description Table (FADT)"; the 82371AB's registers: its data sheet, 7.2 "Power Management I/O Space Registers".
    /// </summary>
    private static ByteWriter Fadt()
    {
        const int Bytes = 244;
        const uint Wbinvd = 1 << 0;
        const uint ProcC1 = 1 << 2;
        const uint NoFixedPowerButton = 1 << 4;
        const uint NoFixedSleepButton = 1 << 5;
        const uint ResetRegister = 1 << 10;
        const int LegacyDevicesAnd8042 = 3;
        const int NoSuchState = 0xFFFF;
        ByteWriter table = Header("FACP"u8, 3, Bytes);
        table.U32(0);                                       // FIRMWARE_CTRL and DSDT: the firmware's to fill
        table.U32(0);
        table.Byte(0);
        table.Byte(1);                                      // Preferred_PM_Profile: desktop
        table.U16(SystemControlInterrupt);
        table.U32(0);                                       // SMI_CMD: ACPI mode is on for good
        table.U32(0);
        table.U32(PowerManagementBase);                     // PM1a_EVT_BLK
        table.U32(0);
        table.U32(PowerManagementBase + 4);                 // PM1a_CNT_BLK
        table.U32(0);
        table.U32(0);
        table.U32(PowerManagementBase + 8);                 // PM_TMR_BLK
        table.U32(PowerManagementBase + 12);                // GPE0_BLK
        table.U32(0);
        table.Byte(4);                                      // PM1_EVT_LEN, PM1_CNT_LEN, PM2_CNT_LEN, PM_TMR_LEN, GPE0_BLK_LEN
        table.Byte(2);
        table.Byte(0);
        table.Byte(4);
        table.Byte(4);
        table.Zeros(3);
        table.U16(NoSuchState);                             // P_LVL2_LAT, P_LVL3_LAT
        table.U16(NoSuchState);
        table.Zeros(8);
        table.Byte(0x32);                                   // CENTURY
        table.U16(LegacyDevicesAnd8042);
        table.Byte(0);
        table.U32(Wbinvd | ProcC1 | NoFixedPowerButton | NoFixedSleepButton | ResetRegister);
        table.U32(0x0100_0801);                             // RESET_REG: I/O, 8 bits, byte access, port CF9h
        table.U32(0xCF9);
        table.U32(0);
        table.Byte(6);                                      // RESET_VALUE
        table.Zeros(Bytes - table.Length);
        return table;
    }

    /// <summary>5.2.12 "Multiple APIC Description Table (MADT)".</summary>
    private static ByteWriter Madt()
    {
        const int PcAtCompatible = 1;
        const uint LocalApic = 0xFEE0_0000;
        const uint IoApic = 0xFEC0_0000;
        const int ActiveHighLevel = 0xD;
        const int Nmi = 4;
        int count = Processors.Count();
        int bytes = HeaderBytes + 8 + (8 * count) + 12 + (2 * 10) + 6;
        ByteWriter table = Header("APIC"u8, 3, bytes);
        table.U32(LocalApic);
        table.U32(PcAtCompatible);
        for (int i = 0; i < count; i++)
        {
            table.U16(0x0800);                              // Processor Local APIC: type, length, processor, APIC ID, enabled
            table.Byte((byte)i);
            table.Byte(Processors.ApicId(i));
            table.U32(1);
        }

        table.U16(0x0C01);                                  // I/O APIC
        table.Byte((byte)count);
        table.Byte(0);
        table.U32(IoApic);
        table.U32(0);
        Override(ref table, 0, 2, 0);
        Override(ref table, SystemControlInterrupt, SystemControlInterrupt, ActiveHighLevel);
        table.U16(0x0600 | Nmi);                            // Local APIC NMI: all processors, LINT1
        table.Byte(0xFF);
        table.U16(0);
        table.Byte(1);
        return table;
    }

    /// <summary>5.2.12.5 "Interrupt Source Override Structure".</summary>
    private static void Override(ref ByteWriter table, int source, uint global, int flags)
    {
        table.U16(0x0A02);
        table.Byte(0);
        table.Byte((byte)source);
        table.U32(global);
        table.U16(flags);
    }

    /// <summary>5.2.6 "System Description Table Header"; the firmware computes the checksum.</summary>
    private static ByteWriter Header(ReadOnlySpan<byte> signature, byte revision, int bytes)
    {
        ByteWriter table = ByteWriter.Create(bytes);
        table.Bytes(signature);
        table.U32((uint)bytes);
        table.Byte(revision);
        table.Byte(0);
        table.Bytes("SWTESTPIIX4   "u8);
        table.U32(1);
        table.Bytes("SWT "u8);
        table.U32(1);
        return table;
    }
}

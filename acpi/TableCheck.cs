using System;

namespace Switcher.Acpi;

/// <summary>
/// Looks for inconsistencies that no reader stumbles over but that say something of the firmware: in the FADT, the FACS it names, and
/// between the places of tables. What the readers themselves report is not repeated.
/// </summary>
public static class TableCheck
{
    /// <summary>Reports what is inconsistent.</summary>
    /// <param name="tables">The machine's tables.</param>
    /// <param name="fadt">The FADT that counts.</param>
    /// <param name="fadtAddress">Where it is.</param>
    /// <param name="problems">Told of each finding.</param>
    public static void Run<TMemory>(
        scoped in RootTables<TMemory> tables, scoped Fadt fadt, ulong fadtAddress, scoped ProblemList problems)
        where TMemory : struct, IAcpiMemory
    {
        CheckLength(fadt, fadtAddress, problems);
        if (fadt.Dsdt != 0 && fadt.XDsdt != 0 && fadt.Dsdt != fadt.XDsdt)
            problems.Add(ProblemKind.DsdtAddressesDiffer, Signature.Fadt, Fadt.XDsdtOffset, fadt.Dsdt, fadt.XDsdt);
        if (fadt.IsHardwareReduced)
        {
            if (!fadt.SleepControlReg.IsPresent || !fadt.SleepStatusReg.IsPresent)
                problems.Add(ProblemKind.SleepRegistersMissing, Signature.Fadt, fadtAddress);
        }
        else
        {
            CheckBlocks(fadt, problems);
            CheckFacs(tables.Memory, fadt, problems);
        }
        GenericAddress reset = fadt.ResetReg;
        if ((fadt.Flags & FadtFlags.ResetRegSup) != 0 && (!reset.IsPresent || reset.BitWidth != 8 || reset.BitOffset != 0))
            problems.Add(ProblemKind.ResetRegisterUnusable, Signature.Fadt, 116, 8, reset.BitWidth);
        CheckOverlaps(tables, problems);
    }

    /// <summary>The lengths that the revisions have (ACPI 6.5, 5.2.9; ACPI 1.0 to 5.1 for the earlier ones).</summary>
    private static void CheckLength(scoped Fadt fadt, ulong address, scoped ProblemList problems)
    {
        int expected = fadt.Header.Revision switch
        {
            1 => 116,
            2 => 132,
            3 or 4 => 244,
            5 => 268,
            6 => 276,
            _ => 0,
        };
        if (expected != fadt.Bytes.Length)
            problems.Add(ProblemKind.FadtLengthUnexpected, Signature.Fadt, address, (ulong)expected, (ulong)fadt.Bytes.Length);
    }

    private static void CheckBlocks(scoped Fadt fadt, scoped ProblemList problems)
    {
        CheckBlock(fadt, 56, 148, fadt.Pm1EvtLen, problems);
        CheckBlock(fadt, 60, 160, fadt.Pm1EvtLen, problems);
        CheckBlock(fadt, 64, 172, fadt.Pm1CntLen, problems);
        CheckBlock(fadt, 68, 184, fadt.Pm1CntLen, problems);
        CheckBlock(fadt, 72, 196, fadt.Pm2CntLen, problems);
        CheckBlock(fadt, 76, 208, fadt.PmTmrLen, problems);
        CheckBlock(fadt, 80, 220, fadt.Gpe0BlkLen, problems);
        CheckBlock(fadt, 84, 232, fadt.Gpe1BlkLen, problems);
        if (!fadt.Pm1aEvtBlk.IsPresent || fadt.Pm1EvtLen < 4)
            problems.Add(ProblemKind.Pm1EventMissing, Signature.Fadt, 56, 4, fadt.Pm1EvtLen);
        if (!fadt.Pm1aCntBlk.IsPresent || fadt.Pm1CntLen < 2)
            problems.Add(ProblemKind.Pm1ControlMissing, Signature.Fadt, 64, 2, fadt.Pm1CntLen);
        // The lengths of blocks that a machine may do without have fields of their own: either both are given or neither.
        CheckHalves(fadt.Pm2CntBlk, 72, fadt.Pm2CntLen, problems);
        CheckHalves(fadt.Gpe0Blk, 80, fadt.Gpe0BlkLen, problems);
        CheckHalves(fadt.Gpe1Blk, 84, fadt.Gpe1BlkLen, problems);
    }

    private static void CheckHalves(GenericAddress block, int offset, byte length, scoped ProblemList problems)
    {
        if (block.IsPresent != (length != 0))
            problems.Add(ProblemKind.FadtBlockHalfGiven, Signature.Fadt, (ulong)offset, block.Address, length);
    }

    private static void CheckBlock(scoped Fadt fadt, int legacyOffset, int extendedOffset, byte length, scoped ProblemList problems)
    {
        GenericAddress extended = fadt.Gas(extendedOffset);
        if (!extended.IsPresent)
            return;
        uint legacy = fadt.U32(legacyOffset);
        if (legacy != 0 && legacy != extended.Address)
            problems.Add(ProblemKind.FadtAddressesDiffer, Signature.Fadt, (ulong)extendedOffset, legacy, extended.Address);
        if (legacy != 0 && length < 32 && extended.BitWidth != length * 8)
            problems.Add(ProblemKind.FadtRegisterLengthWrong, Signature.Fadt, (ulong)extendedOffset, (ulong)length * 8, extended.BitWidth);
        if (extended.Space is not (AddressSpace.SystemIo or AddressSpace.SystemMemory))
            problems.Add(ProblemKind.FadtRegisterSpaceUnknown, Signature.Fadt, (ulong)extendedOffset, 1, (ulong)extended.Space);
    }

    private static void CheckFacs<TMemory>(scoped in TMemory memory, scoped Fadt fadt, scoped ProblemList problems)
        where TMemory : struct, IAcpiMemory
    {
        if (fadt.FacsAddress == 0)
            problems.Add(ProblemKind.FacsMissing, Signature.Facs);
        else
            Facs.Map(memory, fadt.FacsAddress, problems);
        if (fadt.FirmwareCtrl == 0 || fadt.XFirmwareCtrl == 0 || fadt.FirmwareCtrl == fadt.XFirmwareCtrl)
            return;
        problems.Add(ProblemKind.FacsAddressesDiffer, Signature.Fadt, Fadt.XFirmwareCtrlOffset, fadt.FirmwareCtrl, fadt.XFirmwareCtrl);
        Facs.Map(memory, fadt.FirmwareCtrl, problems);
    }

    private static void CheckOverlaps<TMemory>(scoped in RootTables<TMemory> tables, scoped ProblemList problems)
        where TMemory : struct, IAcpiMemory
    {
        for (int i = 0; i < tables.Count; i++)
        {
            ulong start = tables.AddressAt(i);
            ulong end = start + (ulong)tables.TableAt(i).Length;
            for (int other = 0; other < tables.Count; other++)
            {
                ulong begin = tables.AddressAt(other);
                if (begin <= start || begin >= end)
                    continue;
                problems.Add(ProblemKind.TablesOverlap, tables.SignatureAt(i), start, end, begin);
                break;
            }
        }
    }
}

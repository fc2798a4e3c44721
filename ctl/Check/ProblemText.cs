using Switcher.Acpi;
using Switcher.Ctl.Tables;

namespace Switcher.Ctl.Check;

/// <summary>Each problem as a sentence, its name in front so that it can be looked for.</summary>
public static class ProblemText
{
    public static string Of(Problem problem, TableImage image)
        => $"{problem.Kind}: {Sentence(problem, image.LabelOf(problem.Address, problem.Table))}.";

    private static string Sentence(in Problem problem, string table)
    {
        ulong expected = problem.Expected;
        ulong found = problem.Found;
        return problem.Kind switch
        {
            ProblemKind.RsdpUnreadable => "the RSDP cannot be read",
            ProblemKind.RsdpSignatureWrong => "there is no RSDP where one should be",
            ProblemKind.RsdpChecksumWrong => "the checksum of the RSDP's first 20 bytes is wrong",
            ProblemKind.RsdpExtendedChecksumWrong => "the RSDP's extended checksum is wrong",
            ProblemKind.RsdpLengthWrong => $"the RSDP says that it has {found} bytes, it should have {expected}",
            ProblemKind.RootTableMissing => "there is neither an XSDT nor an RSDT",
            ProblemKind.XsdtWithoutFadt => "the XSDT leads to no FADT; the RSDT does and counts",
            ProblemKind.RootEntryZero => $"entry {problem.Address} of the {table} is zero",
            ProblemKind.TableUnreadable => $"a table at 0x{problem.Address:x} cannot be read",
            ProblemKind.RootEntryRepeated => $"{table} is listed more than once",
            ProblemKind.RootEntryIsRoot => $"the {table} lists itself",
            ProblemKind.RootLengthUneven => $"the {table} ends in the middle of an entry",
            ProblemKind.TooManyTables => $"the {table} lists {found} tables; only {expected} are looked at",
            ProblemKind.TableLengthTooShort => $"{table} says that it has {found} bytes, fewer than the {expected} that it needs",
            ProblemKind.TableLengthTooLong => $"{table} says that it has {found} bytes, more than there are",
            ProblemKind.TablesOverlap => $"{table} reaches into the table at 0x{found:x}",
            ProblemKind.ChecksumWrong => $"{table} has checksum 0x{found:X2}, it should be 0x{expected:X2}",
            ProblemKind.SignatureUnexpected => $"{Text(found)} stands where {Text(expected)} should",
            ProblemKind.FadtMissing => "there is no FADT",
            ProblemKind.FadtSeveral => $"there are {found} FADTs; the last one counts",
            ProblemKind.FadtLengthUnexpected => $"the FADT has {found} bytes, its revision has {expected}",
            ProblemKind.FadtAddressesDiffer
                => $"the FADT gives {Block(problem.Address)} as 0x{expected:x} and as 0x{found:x}; the second counts",
            ProblemKind.FadtRegisterLengthWrong => $"the FADT gives {Block(problem.Address)} {expected} bits and {found} bits",
            ProblemKind.FadtRegisterSpaceUnknown => $"the FADT puts {Block(problem.Address)} into address space {found}",
            ProblemKind.FadtBlockHalfGiven => $"the FADT gives {Block(problem.Address)} the address 0x{expected:x} and the length {found}",
            ProblemKind.Pm1EventMissing => "the FADT gives no usable PM1a event block",
            ProblemKind.Pm1ControlMissing => "the FADT gives no usable PM1a control block",
            ProblemKind.SleepRegistersMissing => "hardware-reduced ACPI without sleep control and status registers",
            ProblemKind.ResetRegisterUnusable => "the FADT promises a reset register but gives none of eight bits",
            ProblemKind.DsdtMissing => "there is no DSDT where the FADT says",
            ProblemKind.DsdtAddressesDiffer
                => $"the FADT gives two addresses of the DSDT, 0x{expected:x} and 0x{found:x}; the second counts",
            ProblemKind.FacsMissing => "the FADT names no FACS",
            ProblemKind.FacsAddressesDiffer
                => $"the FADT gives two addresses of the FACS, 0x{expected:x} and 0x{found:x}; the second counts",
            ProblemKind.FacsUnusable => $"the FACS at 0x{problem.Address:x} cannot be read",
            ProblemKind.FacsLengthWrong => $"the FACS says that it has {found} bytes, it should have {expected}",
            ProblemKind.FacsMisaligned => $"the FACS at 0x{problem.Address:x} is not at a multiple of {expected}",
            ProblemKind.RecordLengthWrong
                => $"a record at offset 0x{problem.Address:x} of the {Text(problem.Table.Value)} has the length {found}",
            ProblemKind.AmlMalformed => $"the AML of the {Text(problem.Table.Value)} cannot be followed at offset 0x{problem.Address:x}",
            ProblemKind.AmlTooDeep => $"the AML of the {Text(problem.Table.Value)} nests too deeply at offset 0x{problem.Address:x}",
            ProblemKind.AmlTooLong => $"reading the AML of the {Text(problem.Table.Value)} was given up at offset 0x{problem.Address:x}",
            ProblemKind.SleepPackageMalformed => $"\\_S{found} is not a package of integers",
            ProblemKind.SleepTypeOutOfRange => $"\\_S{problem.Address} asks for sleep type {found}, the register takes 0 to {expected}",
            ProblemKind.SleepObjectRepeated => $"\\_S{problem.Address} is defined {found} times",
            _ => $"{table}, 0x{problem.Address:x}, 0x{expected:x}, 0x{found:x}",
        };
    }

    private static string Text(ulong signature) => TableLabels.TextOf(new Signature((uint)signature));

    /// <summary>The name of a register block from the offset of either of its fields in the FADT.</summary>
    private static string Block(ulong offset) => offset switch
    {
        56 or 148 => "PM1a_EVT",
        60 or 160 => "PM1b_EVT",
        64 or 172 => "PM1a_CNT",
        68 or 184 => "PM1b_CNT",
        72 or 196 => "PM2_CNT",
        76 or 208 => "PM_TMR",
        80 or 220 => "GPE0",
        84 or 232 => "GPE1",
        _ => "a register",
    };
}

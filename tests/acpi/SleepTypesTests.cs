using System.Collections.Generic;
using Switcher.Acpi;
using Xunit;

namespace Switcher.Tests.Acpi;

public sealed class SleepTypesTests
{
    private static readonly byte[] Five = Aml.Package(Aml.Byte(5), Aml.Byte(5), Aml.Zero, Aml.Zero);
    private static readonly byte[] Seven = Aml.Package(Aml.Byte(7), Aml.Zero, Aml.Zero, Aml.Zero);

    private static void IsPresent(SleepState state, byte a, byte b)
    {
        Assert.Equal(SleepStateSource.Present, state.Source);
        Assert.Equal(a, state.SlpTypA);
        Assert.Equal(b, state.SlpTypB);
    }

    public static TheoryData<byte[], byte, byte> Encodings => new()
    {
        { Aml.Package(Aml.Zero, Aml.One), 0, 1 },
        { Aml.Package(Aml.One, Aml.Zero, Aml.Zero), 1, 0 },
        { Aml.Package(Aml.Byte(5), Aml.Byte(4), Aml.Zero, Aml.Zero), 5, 4 },
        { Aml.Package(Aml.Word(5), Aml.Word(5)), 5, 5 },
        { Aml.Package(Aml.DWord(6), Aml.DWord(3)), 6, 3 },
        { Aml.Package(Aml.QWord(6), Aml.One), 6, 1 },
        { Aml.Package(4, [Aml.Byte(5), Aml.Byte(2)]), 5, 2 }, // the other two elements are not initialised
        { Aml.Package(Aml.Word(0x0305)), 5, 3 }, // both in one element
        { Aml.VarPackage(Aml.Byte(2), Aml.Byte(5), Aml.One), 5, 1 },
        { Aml.Package(Aml.Path("VALA"), Aml.Path("\\VALB")), 3, 4 }, // names of integers
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Package_EveryEncoding_GivesBothValues(byte[] package, byte a, byte b)
    {
        TestMachine machine = new TestMachine().WithDsdt(
            Aml.Name("VALA", Aml.Byte(3)), Aml.Name("VALB", Aml.Byte(4)), Aml.Name("\\_S3_", package));
        IsPresent(machine.ReadSleep(out List<ProblemKind> problems).S3, a, b);
        Assert.Empty(problems);
    }

    public static TheoryData<byte[]> Places => new()
    {
        { Aml.Name("_S3_", Five) },
        { Aml.Name("\\_S3_", Five) },
        { Aml.Scope("\\", Aml.Name("_S3_", Five)) },
        { Aml.Scope("\\_SB_", Aml.Name("\\_S3_", Five)) },
        { Aml.Scope("\\_SB_", Aml.Name("^_S3_", Five)) },
        { Aml.Device("\\_SB_.PCI0", Aml.Device("LPC_", Aml.Name("^^^_S3_", Five))) },
        { Aml.Processor("\\_PR_.CPU0", Aml.Name("\\_S3_", Five)) },
        { Aml.If(Aml.One, Aml.Name("_S3_", Five)) },
        { Aml.If(Aml.Zero, Aml.Name("_S1_", Five)).Append(Aml.Else(Aml.Name("_S3_", Five))) },
        { Aml.Name("HID3", Five).Append(Aml.Alias("HID3", "_S3_")) },
        { Aml.Method("_S3_", 0, Aml.Return(Five)) },
        { Aml.Name("XS3_", Five).Append(Aml.Method("_S3_", 0, Aml.Return(Aml.Path("XS3_")))) },
        { Aml.Method("XS3_", 0, Aml.Return(Five)).Append(Aml.Method("\\_S3_", 0, Aml.Return(Aml.Path("\\XS3_")))) },
        { Aml.Name("MODE", Aml.Zero)
            .Append(Aml.Method("_S3_", 0, Aml.If(Aml.Path("MODE"), Aml.Return(Seven)), Aml.Else(Aml.Return(Five)))) },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public void Name_WhereverItIsAtTheRoot_IsFound(byte[] terms)
    {
        IsPresent(new TestMachine().WithDsdt(terms, Aml.Name("_S5_", Seven)).ReadSleep().S3, 5, 5);
        IsPresent(new TestMachine().WithSsdt(Aml.Name("X000", Aml.One)).WithSsdt(terms).ReadSleep().S3, 5, 5);
    }

    public static TheoryData<byte[]> Lookalikes => new()
    {
        { Aml.Name("BUF0", Aml.Buffer(Aml.Name("\\_S3_", Five))) },
        { Aml.Name("TEXT", Aml.String("\b_S3_")) },
        { Aml.Method("MTHD", 0, Aml.Name("\\_S3_", Five)) }, // exists only while the method runs
        { Aml.Scope("\\_SB_", Aml.Name("_S3_", Five)) },
        { Aml.Device("\\_SB_.PCI0", Aml.Name("_S3_", Five)) },
        { Aml.Scope("\\_SB_", Aml.Device("_S3_", Aml.Name("_ADR", Aml.Zero))) },
        { Aml.External("\\_S3_", 4, 0) },
        { Aml.Name("NAME", Aml.Package(Aml.Path("\\_S3_"), Aml.Byte(0x12))) },
        { Aml.OperationRegion("REGN", 0, Aml.DWord(0x5F33535F), Aml.Byte(8)) },
    };

    [Theory]
    [MemberData(nameof(Lookalikes))]
    public void Bytes_ThatOnlyLookLikeS3_DoNotCount(byte[] terms)
    {
        SleepTypes sleep = new TestMachine().WithDsdt(terms, Aml.Name("_S5_", Seven)).ReadSleep(out List<ProblemKind> problems);
        Assert.Equal(SleepStateSource.Missing, sleep.S3.Source);
        IsPresent(sleep.S5, 7, 0);
        Assert.Empty(problems);
    }

    public static TheoryData<byte[], SleepStateSource> Predicates => new()
    {
        { Aml.Path("SS3_"), SleepStateSource.Disabled }, // Name (SS3, Zero)
        { Aml.Path("\\SS4_"), SleepStateSource.Present }, // Name (SS4, One)
        { Aml.LNot(Aml.Path("SS3_")), SleepStateSource.Present },
        { Aml.LEqual(Aml.Path("VAL2"), Aml.Byte(2)), SleepStateSource.Present },
        { Aml.LGreater(Aml.Path("VAL2"), Aml.Byte(2)), SleepStateSource.Disabled },
        { Aml.LAnd(Aml.Path("SS4_"), Aml.LNot(Aml.LEqual(Aml.And(Aml.Path("VAL2"), Aml.Byte(2)), Aml.Zero))), SleepStateSource.Present },
        { Aml.LAnd(Aml.Path("UNKN"), Aml.Path("SS3_")), SleepStateSource.Disabled }, // whatever UNKN is
        { Aml.LOr(Aml.Path("UNKN"), Aml.Path("SS4_")), SleepStateSource.Present },
        { Aml.Path("UNKN"), SleepStateSource.Conditional }, // a field of memory that cannot be read
        { Aml.LEqual(Aml.Path("KNWN"), Aml.Byte(5)), SleepStateSource.Present }, // a field of memory that can
        { Aml.LEqual(Aml.Path("KNWN"), Aml.Byte(6)), SleepStateSource.Disabled },
        { Aml.CondRefOf("\\SS4_"), SleepStateSource.Present },
        { Aml.CondRefOf("\\NONE"), SleepStateSource.Disabled },
        { Aml.Join(Aml.Path("_OSI"), Aml.String("Windows 2015")), SleepStateSource.Present },
        { Aml.Join(Aml.Path("\\_OSI"), Aml.String("Darwin")), SleepStateSource.Conditional },
        { Aml.LEqual(Aml.Join(Aml.Path("TWO_"), Aml.One, Aml.Path("SS4_")), Aml.One), SleepStateSource.Conditional }, // a method call
        { Aml.Join(Aml.Path("EXTM"), Aml.One), SleepStateSource.Conditional }, // an external method with one argument
        { Aml.Path("GIV1"), SleepStateSource.Present }, // Method (GIV1) { Return (One) }
    };

    [Theory]
    [MemberData(nameof(Predicates))]
    public void If_PredicateOfEveryKind_DecidesWhatIsThere(byte[] predicate, SleepStateSource expected)
    {
        TestMachine machine = new TestMachine().With(MemoryOf(5), 0x60000000).WithDsdt(
            Aml.External("EXTM", 8, 1),
            Aml.Name("SS3_", Aml.Zero),
            Aml.Name("SS4_", Aml.One),
            Aml.Name("VAL2", Aml.Byte(2)),
            Aml.OperationRegion("GNVS", 0, Aml.DWord(0x12345000), Aml.Byte(8)),
            Aml.Field("GNVS", ("", 12), ("UNKN", 1)),
            Aml.OperationRegion("MORE", 0, Aml.DWord(0x60000000 + 36), Aml.Byte(8)),
            Aml.Field("MORE", ("", 12), ("KNWN", 4)),
            Aml.Method("TWO_", 2, Aml.Return([0x68])),
            Aml.Method("GIV1", 0, Aml.Return(Aml.One)),
            Aml.If(predicate, Aml.Name("_S3_", Five)),
            Aml.Name("_S5_", Seven));
        SleepTypes sleep = machine.ReadSleep(out List<ProblemKind> problems);
        Assert.Equal(expected, sleep.S3.Source);
        Assert.Equal(5, sleep.S3.SlpTypA);
        IsPresent(sleep.S5, 7, 0);
        Assert.Empty(problems);
    }

    /// <summary>A table whose body begins with bits 12 to 15 of a given value: memory that an operation region can lie over.</summary>
    private static byte[] MemoryOf(byte value) => TestMachine.Table("MEMO", [0, (byte)(value << 4), 0, 0, 0, 0, 0, 0]);

    [Fact]
    public void If_BothBranchesDefineIt_TheOneTakenCounts()
    {
        byte[] six = Aml.Package(Aml.Byte(6), Aml.Byte(6));
        TestMachine machine = new TestMachine().WithDsdt(
            Aml.Name("MODE", Aml.Zero),
            Aml.If(Aml.Path("MODE"), Aml.Name("_S3_", six)),
            Aml.Else(Aml.If(Aml.One, Aml.Name("_S3_", Five))));
        IsPresent(machine.ReadSleep().S3, 5, 5);
    }

    [Theory]
    [InlineData("XS3_")]
    [InlineData("SS3_")]
    [InlineData("XS3X")]
    [InlineData("_S3X")]
    public void Name_OfAHiddenPackage_IsRecognisedAsRenamed(string name)
    {
        SleepTypes sleep = new TestMachine().WithDsdt(Aml.Name(name, Five), Aml.Name("_S5_", Seven)).ReadSleep();
        Assert.Equal(SleepStateSource.Renamed, sleep.S3.Source);
        Assert.Equal(5, sleep.S3.SlpTypA);
        Assert.False(sleep.S3.IsOffered);
    }

    [Fact]
    public void Name_SS3ThatIsAFlag_IsNotARenamedPackage()
    {
        SleepTypes sleep = new TestMachine().WithDsdt(Aml.Name("SS3_", Aml.One), Aml.Name("_S5_", Seven)).ReadSleep();
        Assert.Equal(SleepStateSource.Missing, sleep.S3.Source);
    }

    [Fact]
    public void Name_DefinedTwice_FirstCountsAndIsReported()
    {
        TestMachine machine = new TestMachine().WithDsdt(Aml.Name("_S3_", Five)).WithSsdt(Aml.Name("\\_S3_", Seven));
        IsPresent(machine.ReadSleep(out List<ProblemKind> problems).S3, 5, 5);
        Assert.Equal([ProblemKind.SleepObjectRepeated], problems);
    }

    [Fact]
    public void Method_ThatDecidesByItself_IsUnreadable()
    {
        byte[] body = Aml.If(Aml.Path("\\MODE"), Aml.Return(Five));
        TestMachine machine = new TestMachine().WithDsdt(Aml.Method("_S3_", 0, body, Aml.Return(Seven)));
        Assert.Equal(SleepStateSource.Unreadable, machine.ReadSleep(out List<ProblemKind> problems).S3.Source);
        Assert.Equal([ProblemKind.SleepPackageMalformed], problems);
    }

    [Fact]
    public void Term_WithALengthBeyondItsTable_IsReportedAndWhatIsBeforeItCounts()
    {
        TestMachine machine = new TestMachine().WithDsdt(Aml.Name("_S3_", Five), [0x10, 0x7F, 0xFF, 0x5C, 0x00], Aml.Name("_S5_", Seven));
        SleepTypes sleep = machine.ReadSleep(out List<ProblemKind> problems);
        IsPresent(sleep.S3, 5, 5);
        Assert.Equal(SleepStateSource.Missing, sleep.S5.Source);
        Assert.Equal([ProblemKind.AmlMalformed], problems);
    }

    [Fact]
    public void Scopes_ThousandsDeep_AreReported()
    {
        byte[] terms = Aml.Name("\\_S3_", Five);
        for (int i = 0; i < 2000; i++)
            terms = Aml.Scope("\\", terms);
        Assert.Equal(SleepStateSource.Missing, new TestMachine().WithDsdt(terms).ReadSleep(out List<ProblemKind> problems).S3.Source);
        Assert.Contains(ProblemKind.AmlTooDeep, problems);
    }

    [Fact]
    public void Predicates_ThatAskForEachOther_End()
    {
        List<byte[]> terms = [];
        for (int i = 0; i < 200; i++)
        {
            string name = $"A{i:000}";
            string next = $"A{(i + 1) % 200:000}";
            terms.Add(Aml.If(Aml.LEqual(Aml.Path(next), Aml.One), Aml.Name(name, Aml.One)));
        }
        terms.Add(Aml.If(Aml.Path("A000"), Aml.Name("_S3_", Five)));
        Assert.Equal(SleepStateSource.Conditional, new TestMachine().WithDsdt([.. terms]).ReadSleep().S3.Source);
    }

    [Theory]
    [InlineData(7, 0, new byte[] { 2, 3, 4 })] // Intel: S1 1, S3 5, S4 6
    [InlineData(5, 0, new byte[] { 6, 7 })] // AMD: S1 1, S3 3, S4 4
    [InlineData(0, 0, new byte[] { 6, 7 })] // PIIX4, QEMU: S3 1, S4 2
    [InlineData(0, 7, new byte[] { 2, 3, 4 })] // told by PM1b
    public void SynthesizedSlpTyp_ForEveryChipsetFamily_MeansNothingToIt(byte s5A, byte s5B, byte[] free)
    {
        SleepTypes sleep = new TestMachine().WithDsdt(Aml.Name("_S5_", Aml.Package(Aml.Byte(s5A), Aml.Byte(s5B)))).ReadSleep();
        Assert.Contains(sleep.SynthesizedSlpTyp, free);
        Assert.Equal(sleep.SynthesizedSlpTyp, sleep.GuestS3.SlpTypA);
        Assert.Equal(sleep.SynthesizedSlpTyp, sleep.GuestS3.SlpTypB);
    }
}

internal static class ByteArrayExtensions
{
    public static byte[] Append(this byte[] one, byte[] other) => [.. one, .. other];
}

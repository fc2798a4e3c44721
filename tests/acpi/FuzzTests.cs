using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using CsCheck;
using Switcher.Acpi;
using Switcher.Ctl.Tables;
using Xunit;

namespace Switcher.Tests.Acpi;

/// <summary>
/// Hostile tables: nothing may throw, nothing may run on, whatever the bytes. <c>SWITCHER_FUZZ_ITERATIONS</c> sets how many inputs each
/// test tries; the default suits a test run, a night takes millions. A failure names its seed, which CsCheck_Seed repeats.
/// </summary>
public sealed class FuzzTests
{
    private static int Iterations(int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable("SWITCHER_FUZZ_ITERATIONS"), CultureInfo.InvariantCulture, out int asked)
            ? asked : usual;

    /// <summary>One change of a byte array: a place in it (as a fraction, so that it fits every array) and what happens there.</summary>
    private sealed record Mutation(double Place, int Kind, ulong Value);

    private static readonly ulong[] Interesting =
    [
        0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF,
        0x10, 0x12, 0x14, 0x5B, 0x5C, 0x5E, 0x2E, 0x2F, 0xA0, 0xA1, 0x5F33535F, 0x5F35535F, 24, 36, 44, 116, 244, 276,
    ];

    private static readonly Gen<ulong> GenInteresting = Gen.OneOf(Interesting);

    private static readonly Gen<Mutation> GenMutation = Gen.Select(
        Gen.Double[0, 1], Gen.Int[0, 6], Gen.OneOf(GenInteresting, Gen.ULong), (place, kind, value) => new Mutation(place, kind, value));

    private static byte[] Apply(byte[] bytes, Mutation mutation)
    {
        if (bytes.Length == 0)
            return bytes;
        int place = Math.Min((int)(mutation.Place * bytes.Length), bytes.Length - 1);
        byte[] value = BitConverter.GetBytes(mutation.Value);
        int width = 1 << (int)(mutation.Value % 4);
        switch (mutation.Kind)
        {
            case 0: // one bit
                byte[] flipped = [.. bytes];
                flipped[place] ^= (byte)(1 << (int)(mutation.Value % 8));
                return flipped;
            case 1: // one byte
                byte[] changed = [.. bytes];
                changed[place] = value[0];
                return changed;
            case 2: // a number
                byte[] written = [.. bytes];
                value.AsSpan(0, Math.Min(width, bytes.Length - place)).CopyTo(written.AsSpan(place));
                return written;
            case 3: // cut off
                return bytes[..place];
            case 4: // something inserted
                return [.. bytes[..place], .. value[..width], .. bytes[place..]];
            case 5: // something removed
                return [.. bytes[..place], .. bytes[Math.Min(place + width, bytes.Length)..]];
            default: // a part repeated
                int length = Math.Min((int)(mutation.Value % 64), bytes.Length - place);
                return [.. bytes[..place], .. bytes[place..(place + length)], .. bytes[place..]];
        }
    }

    /// <summary>Makes the header agree with the bytes again, so that the change is not turned away at the door.</summary>
    private static byte[] Repair(byte[] table)
    {
        if (table.Length < Sdt.HeaderLength)
            return table;
        TestMachine.Set32(table, Sdt.LengthOffset, (uint)table.Length);
        Checksum.Set(table, Sdt.ChecksumOffset);
        return table;
    }

    private static void Try(IReadOnlyList<DumpedTable> tables)
    {
        TableImage image = new(tables);
        Exercise.Run(image.Memory, image.RsdpAddress, new Problem[8]);
    }

    /// <summary>Real machines with a few tables changed, their headers repaired or not.</summary>
    [Fact]
    public void RealTables_Mutated_AreReadWithoutHarm()
    {
        const int quick = 100_000; // bytes of tables
        List<List<DumpedTable>> machines = [];
        foreach (string name in Dumps.Kept)
            machines.Add(Dumps.Read(name));
        machines.RemoveAll(tables => tables.Sum(table => table.Bytes.Length) > quick);
        Gen.Select(Gen.Int[0, machines.Count - 1], Gen.Select(Gen.Int[0, 1000], GenMutation, Gen.Bool).Array[1, 6]).Sample(
            (machine, changes) =>
            {
                List<DumpedTable> tables = [.. machines[machine]];
                foreach ((int which, Mutation mutation, bool repairs) in changes)
                {
                    int index = which % tables.Count;
                    byte[] changed = Apply(tables[index].Bytes, mutation);
                    tables[index] = tables[index] with { Bytes = repairs ? Repair(changed) : changed };
                }
                Try(tables);
            },
            iter: Iterations(300));
    }

    /// <summary>
    /// Small machines whose AML holds everything that the walk knows, changed in many places: far more inputs for the time.
    /// </summary>
    [Fact]
    public void Aml_Mutated_IsReadWithoutHarm()
    {
        byte[] aml = RichAml();
        Gen.Select(GenMutation.Array[1, 12], Gen.Bool).Sample(
            (mutations, intoSsdt) =>
            {
                byte[] changed = mutations.Aggregate(aml, Apply);
                TestMachine machine = intoSsdt ? new TestMachine().WithDsdt(aml).WithSsdt(changed) : new TestMachine().WithDsdt(changed);
                TableImage image = machine.Build();
                Exercise.Run(image.Memory, image.RsdpAddress, new Problem[8]);
            },
            iter: Iterations(5000));
    }

    /// <summary>
    /// AML put together at random from terms, valid or nearly so: deep nesting, names that refer to each other, wrong lengths.
    /// </summary>
    [Fact]
    public void Aml_Generated_IsReadWithoutHarm() => GenTerms(4).Sample(
        terms =>
        {
            TableImage image = new TestMachine().WithDsdt(terms).Build();
            Exercise.Run(image.Memory, image.RsdpAddress, new Problem[8]);
        },
        iter: Iterations(3000));

    [Fact]
    public void RandomBytes_AsEveryTable_AreReadWithoutHarm()
        => Gen.Select(Gen.Byte.Array[0, 400], Gen.Byte.Array[0, 400], Gen.Byte.Array[0, 400]).Sample(
        (one, two, three) =>
        {
            TestMachine machine = new TestMachine().WithDsdt(one).WithSsdt(two);
            machine.With(TestMachine.Table("APIC", three)).With(TestMachine.Table("DMAR", two)).With(TestMachine.Table("IVRS", one))
                .With(three);
            TableImage image = machine.Build();
            Exercise.Run(image.Memory, image.RsdpAddress, new Problem[8]);
        },
        iter: Iterations(3000));

    /// <summary>Root structures in a small memory where every pointer may lead anywhere, into themselves and each other included.</summary>
    [Fact]
    public void Roots_PointingAnywhere_AreReadWithoutHarm()
    {
        byte[] sane = SaneMemory(out ulong rsdp);
        Gen.Select(GenMutation.Array[1, 20], Gen.Select(Gen.Int[0, 1023], Gen.Int[0, 1023]).Array[0, 8]).Sample(
            (mutations, pointers) =>
            {
                byte[] bytes = [.. sane];
                foreach (Mutation mutation in mutations)
                {
                    byte[] changed = Apply(bytes, mutation);
                    bytes = [.. changed.Concat(sane).Take(sane.Length)];
                }
                foreach ((int at, int target) in pointers)
                    BitConverter.GetBytes(MemoryAddress + (ulong)target * 8).CopyTo(bytes, Math.Min(at * 8, bytes.Length - 8));
                ImageMemory memory = ImageMemory.Create();
                memory.TryAdd(MemoryAddress, bytes);
                Exercise.Run(memory, rsdp, new Problem[8]);
            },
            iter: Iterations(5000));
    }

    [Fact]
    public void Records_RandomBytes_EndAndNameAProblemOrReachTheEnd() => Gen.Byte.Array[0, 300].Sample(
        bytes =>
        {
            foreach ((string signature, int first) in ((string, int)[])[("APIC", 44), ("DMAR", 48), ("IVRS", 48)])
            {
                byte[] table = TestMachine.Table(signature, bytes);
                ProblemList problems = new(new Problem[4]);
                int offset = 0;
                int entries = 0;
                while (TableRecords.TryNext(table, ref offset, problems, out _))
                    entries++;
                Assert.True(entries <= table.Length);
                Assert.True(problems.Count == 1 || Math.Max(offset, first) >= table.Length);
            }
        },
        iter: Iterations(5000));

    private const ulong MemoryAddress = 0x100000;

    /// <summary>Eight KiB with an RSDP, XSDT, RSDT, FADT, FACS, DSDT and two SSDTs.</summary>
    private static byte[] SaneMemory(out ulong rsdp)
    {
        byte[] bytes = new byte[8192];
        byte[] fadt = TestMachine.NewFadt(276, 6);
        TestMachine.Set32(fadt, Fadt.FirmwareCtrlOffset, (uint)MemoryAddress + 0x1000);
        TestMachine.Set32(fadt, Fadt.DsdtOffset, (uint)MemoryAddress + 0x1100);
        byte[] ssdt = TestMachine.Table("SSDT", Aml.Name("\\_S3_", Aml.Package(Aml.Byte(5), Aml.Byte(5))));
        ulong[] entries = [MemoryAddress + 0x400, MemoryAddress + 0x600, MemoryAddress + 0x700];
        byte[] pointer = new byte[36];
        Rsdp.SignatureText.CopyTo(pointer);
        pointer[Rsdp.RevisionOffset] = 2;
        pointer[Rsdp.LengthOffset] = 36;
        TestMachine.Set32(pointer, Rsdp.RsdtAddressOffset, (uint)MemoryAddress + 0x200);
        TestMachine.Set64(pointer, Rsdp.XsdtAddressOffset, MemoryAddress + 0x100);
        pointer.CopyTo(bytes, 0);
        TestMachine.Table("XSDT", [.. entries.SelectMany(BitConverter.GetBytes)]).CopyTo(bytes, 0x100);
        TestMachine.Table("RSDT", [.. entries.SelectMany(entry => BitConverter.GetBytes((uint)entry))]).CopyTo(bytes, 0x200);
        fadt.CopyTo(bytes, 0x400);
        ssdt.CopyTo(bytes, 0x600);
        TestMachine.Table("SSDT", RichAml()[..64]).CopyTo(bytes, 0x700);
        TestMachine.NewFacs().CopyTo(bytes, 0x1000);
        TestMachine.Table("DSDT", RichAml()).CopyTo(bytes, 0x1100);
        rsdp = MemoryAddress;
        return bytes;
    }

    /// <summary>A bit of everything that the walk and the evaluation know.</summary>
    private static byte[] RichAml()
    {
        byte[] package = Aml.Package(Aml.Byte(5), Aml.Byte(5), Aml.Zero, Aml.Zero);
        return Aml.Join(
            Aml.External("EXTM", 8, 2),
            Aml.Name("SS3_", Aml.One),
            Aml.Name("SS4_", Aml.Zero),
            Aml.OperationRegion("GNVS", 0, Aml.DWord((uint)TestMachine.FacsAddress), Aml.Byte(64)),
            Aml.Field("GNVS", ("", 32), ("S0ID", 8), ("DAS3", 1), ("", 7), ("WIDE", 56)),
            Aml.Method("TWO_", 2, Aml.Return([0x68])),
            Aml.Method("GIVE", 0, Aml.Return(Aml.Path("SS3_"))),
            Aml.Scope("\\_SB_", Aml.Device("PCI0", Aml.Name("_HID", Aml.DWord(0x080AD041)), Aml.Name("XS3_", package))),
            Aml.Processor("\\_PR_.CPU0"),
            Aml.If(Aml.LAnd(Aml.LEqual(Aml.Path("S0ID"), Aml.Byte(64)), Aml.LNot(Aml.Path("SS4_"))), Aml.Name("\\_S3_", package)),
            Aml.Else(Aml.If(Aml.CondRefOf("\\_S4_"), Aml.Name("_S1_", package))),
            Aml.If(Aml.LOr(Aml.Join(Aml.Path("TWO_"), Aml.One, Aml.Path("GIVE")), Aml.Path("GIVE")),
                Aml.Scope("\\", Aml.Name("_S4_", package))),
            Aml.Alias("SS3_", "_S2_"),
            Aml.While(Aml.Path("WIDE"), Aml.Name("_S5_", package)),
            Aml.Name("_S5_", Aml.VarPackage(Aml.Byte(2), Aml.Path("SS3_"), Aml.Word(7))),
            Aml.Name("_S0_", Aml.Buffer(1, 2, 3)));
    }

    private static readonly Gen<string> GenPath = Gen.OneOf(
        "_S3_", "\\_S3_", "^_S3_", "_S5_", "\\_S5_", "AAAA", "BBBB", "\\CCCC", "AAAA.BBBB", "\\AAAA.BBBB.CCCC", "^^AAAA", "_SB_", "_OSI",
        "\\");

    private static Gen<byte[]> GenTerms(int depth) => GenTerm(depth).Array[0, 6].Select(terms => Aml.Join(terms));

    private static Gen<byte[]> GenTerm(int depth)
    {
        Gen<byte[]> value = GenValue(Math.Min(depth, 3));
        List<Gen<byte[]>> kinds =
        [
            Gen.Select(GenPath, value, Aml.Name),
            Gen.Select(GenPath, Gen.Byte, Gen.Byte, Aml.External),
            Gen.Select(GenPath, GenPath, Aml.Alias),
            Gen.Select(GenPath, Gen.Byte[0, 10], value, value, Aml.OperationRegion),
            Gen.Select(GenPath, GenPath.Where(path => path.Length == 4 && path[0] is not ('\\' or '^')), Gen.Int[0, 100],
                (region, unit, bits) => Aml.Field(region, ("", 5), (unit, bits))),
            Gen.Byte.Array[0, 5],
            value,
        ];
        if (depth > 0)
        {
            Gen<byte[]> inner = GenTerms(depth - 1);
            kinds.AddRange(
            [
                Gen.Select(GenPath, inner, (path, terms) => Aml.Scope(path, terms)),
                Gen.Select(GenPath, inner, (path, terms) => Aml.Device(path, terms)),
                Gen.Select(GenPath, Gen.Int[0, 7], inner, (path, arguments, terms) => Aml.Method(path, arguments, terms)),
                Gen.Select(value, inner, (predicate, terms) => Aml.If(predicate, terms)),
                inner.Select(terms => Aml.Else(terms)),
                Gen.Select(value, inner, (predicate, terms) => Aml.While(predicate, terms)),
            ]);
        }
        return Gen.OneOf([.. kinds]);
    }

    private static Gen<byte[]> GenValue(int depth)
    {
        List<Gen<byte[]>> kinds =
        [
            Gen.OneOf(Aml.Zero, Aml.One, Aml.Ones),
            Gen.Byte.Select(Aml.Byte),
            Gen.UInt.Select(Aml.DWord),
            GenPath.Select(Aml.Path),
            GenPath.Select(Aml.CondRefOf),
        ];
        if (depth > 0)
        {
            Gen<byte[]> inner = GenValue(depth - 1);
            kinds.AddRange(
            [
                Gen.Select(inner, inner, Aml.LAnd), Gen.Select(inner, inner, Aml.LOr), Gen.Select(inner, inner, Aml.LEqual),
                Gen.Select(inner, inner, Aml.And), inner.Select(Aml.LNot), inner.Array[0, 5].Select(elements => Aml.Package(elements)),
                Gen.Select(inner, inner, (one, other) => Aml.VarPackage(one, other)),
                Gen.Select(GenPath, inner, (path, argument) => Aml.Join(Aml.Path(path), argument)),
            ]);
        }
        return Gen.OneOf([.. kinds]);
    }
}

using System;

namespace Switcher.Acpi.Aml;

/// <summary>The part that reads one \_Sx object: finds it, or what is left of it.</summary>
internal readonly ref partial struct AmlNamespace<TMemory>
    where TMemory : struct, IAcpiMemory
{
    public SleepState ReadSleepState(int state, ref AmlWork work, scoped ProblemList problems)
    {
        SleepState found = ReadNamed(Segment("_S0_"u8, state), state, ref work, problems, out bool exists);
        if (exists)
            return found;
        // The names that firmware gives the object to hide it: its setup patches one letter, or ASL sources choose between two.
        ReadOnlySpan<byte> renamings = "XS0_SS0_XS0XS0X__S0XZS0__XS0DS0_NS0_"u8;
        ProblemList ignored = default;
        for (int i = 0; i < renamings.Length; i += 4)
        {
            SleepState hidden = ReadNamed(Segment(renamings.Slice(i, 4), state), state, ref work, ignored, out exists);
            if (!exists || !hidden.HasValues)
                continue;
            return new SleepState(SleepStateSource.Renamed, hidden.SlpTypA, hidden.SlpTypB);
        }
        return default;
    }

    private SleepState ReadNamed(uint segment, int state, ref AmlWork work, scoped ProblemList problems, out bool exists)
    {
        work.Top = 0;
        work.Nesting = 0;
        AmlPath path = PushRootName(segment, ref work);
        exists = TryFind(path, ref work, out AmlDefinition definition);
        if (!exists)
            return default;
        if (definition.Count > 1)
            problems.Add(ProblemKind.SleepObjectRepeated, Signature.Dsdt, (ulong)state, 1, (ulong)definition.Count);
        SleepStateSource source = definition.Certainty switch
        {
            AmlCertainty.Always => SleepStateSource.Present,
            AmlCertainty.Perhaps => SleepStateSource.Conditional,
            _ => SleepStateSource.Disabled,
        };
        if (!TryReadSleepPackage(definition, path, ref work, out byte a, out byte b))
        {
            problems.Add(ProblemKind.SleepPackageMalformed, new Signature(Block(definition.Table)), (ulong)definition.Offset, 0,
                (ulong)state);
            return source == SleepStateSource.Disabled ? default : new SleepState(SleepStateSource.Unreadable, 0, 0);
        }
        if (a > 7 || b > 7)
            problems.Add(ProblemKind.SleepTypeOutOfRange, Signature.Dsdt, (ulong)state, 7, a > 7 ? a : b);
        return new SleepState(source, a, b);
    }

    /// <summary>Tells of the first place where the grammar could not be followed.</summary>
    public void Report(in AmlWork work, scoped ProblemList problems)
    {
        if (work.Problem == ProblemKind.None)
            return;
        ReadOnlySpan<byte> table = Block(work.ProblemTable);
        problems.Add(work.Problem, table.Length < 4 ? default : new Signature(table), (ulong)work.ProblemOffset);
    }

    /// <summary>A name with its digit replaced by the state's.</summary>
    private static uint Segment(ReadOnlySpan<byte> pattern, int state)
    {
        uint segment = 0;
        for (int i = 0; i < 4; i++)
        {
            uint character = pattern[i] == (byte)'0' ? (uint)('0' + state) : pattern[i];
            segment |= character << (8 * i);
        }
        return segment;
    }
}

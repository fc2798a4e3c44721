using System;
using Switcher.Acpi.Aml;

namespace Switcher.Acpi;

/// <summary>
/// The sleep states of a machine, read from its DSDT and secondary definition blocks by following the AML grammar.
/// </summary>
public readonly struct SleepTypes
{
    private SleepTypes(SleepState s0, SleepState s1, SleepState s2, SleepState s3, SleepState s4, SleepState s5)
    {
        S0 = s0;
        S1 = s1;
        S2 = s2;
        S3 = s3;
        S4 = s4;
        S5 = s5;
    }

    public SleepState S0 { get; }
    public SleepState S1 { get; }
    public SleepState S2 { get; }
    public SleepState S3 { get; }
    public SleepState S4 { get; }
    public SleepState S5 { get; }

    /// <summary>
    /// What \_S3 is in the guests' view: the machine's own values where its tables offer S3, else <see cref="SynthesizedSlpTyp"/>. Not
    /// known where the machine's own are unreadable: such a machine cannot be served.
    /// </summary>
    public SleepState GuestS3 => S3.IsOffered || S3.Source == SleepStateSource.Unreadable
        ? S3
        : new SleepState(SleepStateSource.Present, SynthesizedSlpTyp, SynthesizedSlpTyp);

    /// <summary>
    /// A SLP_TYP value that this chipset uses for no state at all, as far as its tables and the chipset families tell, so that only the
    /// hypervisor gives it a meaning. The families are told apart by their \_S5: 7 is Intel's and NVIDIA's (S1 1, S3 5, S4 6), 5 is AMD's
    /// (S1 1, S3 3, S4 4), 0 is that of the PIIX4 and of QEMU (S3 1, S4 2).
    /// </summary>
    public byte SynthesizedSlpTyp
    {
        get
        {
            uint used = S5.SlpTypA == 7 || S5.SlpTypB == 7 ? 0b1110_0011u : 0b0011_1111u;
            used |= Mask(S0) | Mask(S1) | Mask(S2) | Mask(S3) | Mask(S4) | Mask(S5);
            ReadOnlySpan<byte> preferred = [6, 4, 7, 3, 2, 5, 1];
            foreach (byte value in preferred)
            {
                if ((used & (1u << value)) == 0)
                    return value;
            }
            return 6;
        }
    }

    /// <summary>Reads the sleep states.</summary>
    /// <param name="tables">For the secondary definition blocks, and for memory that an If depends on.</param>
    /// <param name="dsdt">The whole DSDT; may be empty.</param>
    /// <param name="problems">Told of malformed AML and of sleep objects that are not what they should be.</param>
    public static SleepTypes Read<TMemory>(RootTables<TMemory> tables, ReadOnlySpan<byte> dsdt, scoped ProblemList problems)
        where TMemory : struct, IAcpiMemory
    {
        Span<uint> workspace = stackalloc uint[AmlNamespace<TMemory>.WorkspaceLength];
        Span<AmlDefinition> memory = stackalloc AmlDefinition[AmlNamespace<TMemory>.MemoryLength];
        AmlNamespace<TMemory> aml = new(tables, dsdt, workspace, memory);
        AmlWork work = AmlNamespace<TMemory>.NewWork();
        SleepTypes result = new(
            aml.ReadSleepState(0, ref work, problems),
            aml.ReadSleepState(1, ref work, problems),
            aml.ReadSleepState(2, ref work, problems),
            aml.ReadSleepState(3, ref work, problems),
            aml.ReadSleepState(4, ref work, problems),
            aml.ReadSleepState(5, ref work, problems));
        aml.Report(work, problems);
        return result;
    }

    private static uint Mask(SleepState state) => state.HasValues ? (1u << (state.SlpTypA & 7)) | (1u << (state.SlpTypB & 7)) : 0;
}

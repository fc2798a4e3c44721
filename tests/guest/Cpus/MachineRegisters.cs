using System;
using Switcher.Efi.Cpu;

namespace Switcher.Tests.Guest.Cpus;

/// <summary>
/// Model-specific registers that the firmware sets up and that a switch leaves as they were: memory types, the APIC's base, PAT. Taken once
/// at the start, and compared on every processor after every wake.
/// </summary>
internal static unsafe class MachineRegisters
{
    private const uint Pat = 0x277;
    private const uint MtrrCap = 0xFE;
    private const uint MtrrDefType = 0x2FF;
    private const uint MtrrPhysBase0 = 0x200;
    private const int Most = 64;

    private static Snapshot s_snapshot;
    private static int s_count;

    /// <summary>Reads them on the processor that executes this.</summary>
    public static void Take()
    {
        s_count = 0;
        Add(Pat);
        if ((Features.Cpuid(1, 0, 3) & (1 << 12)) == 0)
            return;
        Add(MtrrDefType);
        uint variable = (uint)Instructions.ReadMsr(MtrrCap) & 0xFF;
        for (uint i = 0; i < 2 * variable && i < 32; i++)
            Add(MtrrPhysBase0 + i);
        ReadOnlySpan<ushort> @fixed = [0x250, 0x258, 0x259, 0x268, 0x269, 0x26A, 0x26B, 0x26C, 0x26D, 0x26E, 0x26F];
        for (int i = 0; i < @fixed.Length; i++)
            Add(@fixed[i]);
    }

    /// <summary>Compares them on a processor.</summary>
    public static void Check(Cpu* cpu)
    {
        for (int i = 0; i < s_count; i++)
        {
            ulong value = Processors.Run(cpu, &Read, s_snapshot.Registers[i]);
            if (value == s_snapshot.Values[i])
                continue;
            Boot.Text.LogLine line = Report.BeginBad("an MSR is not as before"u8);
            line.Number("cpu"u8, cpu->Index);
            line.Hex("register"u8, s_snapshot.Registers[i]);
            line.Hex("found"u8, value);
            line.Hex("expected"u8, s_snapshot.Values[i]);
            line.WriteTo<DebugPort>();
        }

        ulong expected = Processors.Run(cpu, &Read, LocalApic.BaseMsr) & LocalApic.BaseBootCpu;
        Report.ExpectEqual("APIC base: boot processor flag"u8, expected, cpu->Index == 0 ? LocalApic.BaseBootCpu : 0);
    }

    private static ulong Read(Cpu* cpu, ulong register) => Instructions.ReadMsr((uint)register);

    private static void Add(uint register)
    {
        s_snapshot.Registers[s_count] = register;
        s_snapshot.Values[s_count++] = Instructions.ReadMsr(register);
    }

    private struct Snapshot
    {
        public fixed uint Registers[Most];
        public fixed ulong Values[Most];
    }
}

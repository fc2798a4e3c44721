using System.Collections.Generic;
using Switcher.Hv.Cpu;

namespace Switcher.Tests.Hv.Machine;

/// <summary>
/// What the CPUs answer to CPUID: an AMD processor with SVM and nested paging, unless a test changes it. Unknown leaves are zero.
/// </summary>
internal sealed class FakeCpuid
{
    private readonly Dictionary<(uint Leaf, uint Subleaf), CpuidResult> _answers = new()
    {
        [(0, 0)] = new() { Eax = 0xD, Ebx = 0x6874_7541, Ecx = 0x444D_4163, Edx = 0x6974_6E65 },
        [(1, 0)] = new() { Eax = FamilyAndStepping, Ebx = 0x0002_0800, Ecx = 0xFFFF_FFFF, Edx = 0x178B_FBFF },
        [(7, 0)] = new() { Ebx = 0x209C_01A9, Ecx = 0xFFFF_FFFF },
        [(0xD, 1)] = new() { Eax = 0xF },
        [(0x8000_0000, 0)] = new() { Eax = 0x8000_001F },
        [(0x8000_0001, 0)] = new() { Ecx = 0xFFFF_FFFF, Edx = 0x2FD3_FBFF },
        [(0x8000_0008, 0)] = new() { Eax = 0x3028 },
        [(0x8000_000A, 0)] = new() { Eax = 1, Ebx = 0x10, Edx = 1 },
        [(0x8000_001F, 0)] = new() { Eax = 0xF, Ebx = 0x2F },
    };

    public const uint FamilyAndStepping = 0x0080_0F12;

    public CpuidResult this[uint leaf, uint subleaf = 0]
    {
        get => _answers.GetValueOrDefault((leaf, subleaf));
        set => _answers[(leaf, subleaf)] = value;
    }
}

using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;
using Switcher.Hv.Switch;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Switch;

/// <summary>
/// ACPI 6.5, table 5.9 Firmware ACPI Control Structure: Length at 4, Firmware_Waking_Vector at 12, X_Firmware_Waking_Vector at 24.
/// </summary>
public class WakingVectorTests
{
    private static HostPhysicalAddress Facs => new(MemoryLayout.Partition(0) + MemoryLayout.Facs);

    [Fact]
    public void Read_WithoutVectors_IsNotSet()
    {
        using FakeMachine machine = WithFacs(64, 0, 0);
        Assert.False(WakingVector.Read<FakePlatform>(Facs).IsSet);
    }

    [Fact]
    public void EntryState_FirmwareWakingVector_IsRealMode()
    {
        using FakeMachine machine = WithFacs(64, 0x9_9A1F, 0);
        var vector = WakingVector.Read<FakePlatform>(Facs);
        CpuState state = vector.EntryState();
        Assert.True(vector.IsSet);
        Assert.Equal((0x99A1, 0x9_9A10UL, 0xFUL), (state.Cs.Selector, state.Cs.Base, state.Rip));
        Assert.Equal(0UL, state.Cr0 & Cr0.ProtectedMode);
    }

    /// <summary>The 32-bit form: protected mode without paging, flat segments, interrupts off, no A20 gate to think of.</summary>
    [Fact]
    public void EntryState_XFirmwareWakingVector_GoesFirstInFlatProtectedMode()
    {
        using FakeMachine machine = WithFacs(64, 0x9_9A1F, 0x1234_5678);
        CpuState state = WakingVector.Read<FakePlatform>(Facs).EntryState();
        Assert.Equal(0x1234_5678UL, state.Rip);
        Assert.Equal(Cr0.ProtectedMode | Cr0.ExtensionType, state.Cr0);
        Assert.Equal((0xC09Bu, 0xFFFF_FFFFu, 0UL), (state.Cs.Attributes, state.Cs.Limit, state.Cs.Base));
        foreach (SegmentRegister data in new[] { state.Ds, state.Es, state.Ss, state.Fs, state.Gs })
            Assert.Equal((0xC093u, 0xFFFF_FFFFu, 0UL), (data.Attributes, data.Limit, data.Base));
        Assert.Equal((0UL, Rflags.AlwaysOne), (state.Efer, state.Rflags));
    }

    /// <summary>ACPI 1.0's table ends before it.</summary>
    [Fact]
    public void Read_TableWithoutXVector_TakesOnlyTheOther()
    {
        using FakeMachine machine = WithFacs(24, 0, 0x1234_5678);
        Assert.False(WakingVector.Read<FakePlatform>(Facs).IsSet);
    }

    private static FakeMachine WithFacs(uint length, uint vector, ulong extended)
    {
        FakeMachine machine = new();
        FakePlatform.At<uint>(Facs + 4) = length;
        FakePlatform.At<uint>(Facs + 12) = vector;
        FakePlatform.At<ulong>(Facs + 24) = extended;
        return machine;
    }
}

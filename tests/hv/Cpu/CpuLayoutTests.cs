using System.Linq;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Switcher.Hv.Cpu;
using Switcher.Hv.State;
using Switcher.Hv.Switch;
using Xunit;

namespace Switcher.Tests.Hv.Cpu;

/// <summary>
/// Layouts that the specifications give. What machine code alone shares with these structures is in tests/efi/StubLayoutTests.cs.
/// </summary>
public class CpuLayoutTests
{
    /// <summary>APM vol. 3, 1.2.7: the numbers of general-purpose registers.</summary>
    [Fact]
    public void GuestRegisters_InTheOrderOfTheirEncoding()
    {
        string[] names = ["Rax", "Rcx", "Rdx", "Rbx", "Rsp", "Rbp", "Rsi", "Rdi", "R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15"];
        for (int number = 0; number < names.Length; number++)
            Assert.Equal(8 * number, (int)Marshal.OffsetOf<GuestRegisters>(names[number]));
        Assert.Equal(128, Unsafe.SizeOf<GuestRegisters>());
    }

    /// <summary>APM vol. 2, 11.4.4: the FXSAVE64 image.</summary>
    [Fact]
    public void FpuState_IsAnFxsaveImage()
    {
        Assert.Equal(0, (int)Marshal.OffsetOf<FpuState>(nameof(FpuState.ControlWord)));
        Assert.Equal(24, (int)Marshal.OffsetOf<FpuState>(nameof(FpuState.Mxcsr)));
        Assert.Equal(512, Unsafe.SizeOf<FpuState>());
    }

    /// <summary>FXSAVE faults where its area is not on a multiple of 16, and these lie in an array.</summary>
    [Fact]
    public void VirtualCpu_InAnArray_KeepsItsFpuStateAligned()
    {
        VirtualCpu cpu = default;
        Assert.Equal(0, Layout.OffsetOf(ref cpu, ref cpu.Fpu) % 16);
        Assert.Equal(0, Unsafe.SizeOf<VirtualCpu>() % 16);
    }

    /// <summary>Nothing may lie behind the size that the attribute promises.</summary>
    [Fact]
    public void VirtualCpu_LastField_IsInside()
    {
        VirtualCpu cpu = default;
        Assert.Equal(nameof(VirtualCpu.ExitTimestamp), typeof(VirtualCpu).GetFields(BindingFlags.Public | BindingFlags.Instance)[^1].Name);
        Assert.True(Layout.OffsetOf(ref cpu, ref cpu.ExitTimestamp) + sizeof(ulong) <= Unsafe.SizeOf<VirtualCpu>());
    }

    [Fact]
    public void ParkContext_IsSevenQuadwords()
    {
        string[] names = ["Cr3", "GdtBase", "GdtLimit", "IdtBase", "IdtLimit", "Services", "Facs"];
        Assert.Equal(names, typeof(ParkContext).GetFields().Select(field => field.Name));
        for (int i = 0; i < names.Length; i++)
            Assert.Equal(8 * i, (int)Marshal.OffsetOf<ParkContext>(names[i]));
        Assert.Equal(56, Unsafe.SizeOf<ParkContext>());
    }

    [Fact]
    public void GuestRegisters_SetByNumber_AreReadByThatNumberAlone()
    {
        for (int number = 0; number < 16; number++)
        {
            GuestRegisters registers = default;
            registers.Set(number, 0x0123_4567_89AB_CDEF);
            for (int other = 0; other < 16; other++)
                Assert.Equal(other == number ? 0x0123_4567_89AB_CDEFUL : 0, registers.Get(other));
            System.Span<ulong> inOrder = MemoryMarshal.Cast<GuestRegisters, ulong>(new System.Span<GuestRegisters>(ref registers));
            Assert.Equal(0x0123_4567_89AB_CDEFUL, inOrder[number]);
        }
    }
}

using System.Runtime.InteropServices;

namespace Switcher.Hv.Cpu;

/// <summary>x87 and SSE registers in the format of FXSAVE64: APM vol. 2, 11.4.4 Saving Media and x87 Execution Unit State.</summary>
[StructLayout(LayoutKind.Explicit, Size = 512)]
public struct FpuState
{
    /// <summary>FCW: x87 control word.</summary>
    [FieldOffset(0)]
    public ushort ControlWord;

    [FieldOffset(24)]
    public uint Mxcsr;

    /// <summary>Makes it what FNINIT and a reset leave, in place: a switch has no instructions to spare for copies.</summary>
    public void Reset()
    {
        this = default;
        ControlWord = 0x037F;
        Mxcsr = 0x1F80;
    }
}

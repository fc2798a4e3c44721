using System.Runtime.InteropServices;

namespace Switcher.Stubs.Shared;

/// <summary>
/// The state that the stub <c>LeaveHost</c> loads. What IRETQ takes comes first, in its order: SDM vol. 2, "IRET/IRETD/IRETQ".
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct LeaveFrame
{
    public ulong Rip;
    public ulong Cs;
    public ulong Rflags;
    public ulong Rsp;
    public ulong Ss;
    public ulong Cr4;
    public ulong Cr3;
    public TableRegister Gdtr;
    public TableRegister Idtr;
    public ushort Ds;
    public ushort Es;
    public ushort Fs;
    public ushort Gs;
}

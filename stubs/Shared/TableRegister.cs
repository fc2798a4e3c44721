using System.Runtime.InteropServices;

namespace Switcher.Stubs.Shared;

/// <summary>What LGDT, LIDT, SGDT and SIDT load and store: SDM vol. 2, "LGDT/LIDT".</summary>
[StructLayout(LayoutKind.Sequential, Pack = 2)]
public struct TableRegister
{
    /// <summary>The table's bytes less one.</summary>
    public ushort Limit;
    public ulong Base;
}

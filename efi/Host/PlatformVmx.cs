using System.Runtime;
using System.Runtime.CompilerServices;
using Switcher.Boot.Memory;
using Switcher.Efi.Cpu;
using Switcher.Hv.Cpu;
using Switcher.Hv.Vmx;

namespace Switcher.Efi.Host;

/// <summary>The instructions of VMX.</summary>
internal unsafe partial struct Platform : IVmxInstructions
{
    public static ulong ExitAddress => AddressOfVmxExited();

    public static bool EnterVmxOperation(HostPhysicalAddress region) => Vmxon(region.Value) != 0;

    public static void LeaveVmxOperation() => Vmxoff();

    public static bool LoadVmcs(HostPhysicalAddress vmcs) => Vmclear(vmcs.Value) != 0 && Vmptrld(vmcs.Value) != 0;

    public static void ClearVmcs(HostPhysicalAddress vmcs) => Vmclear(vmcs.Value);

    public static ulong ReadVmcs(uint encoding) => Vmread(encoding);

    public static void WriteVmcs(uint encoding, ulong value) => Vmwrite(encoding, value);

    public static void InvalidateEpt() => InveptAll();

    public static void InvalidateVpid() => InvvpidAll();

    public static VmEntryOutcome RunVmx(ref GuestRegisters registers, bool isLaunched)
    {
        // SAFETY: the registers are in the hypervisor's memory, which nothing moves.
        fixed (GuestRegisters* pointer = &registers)
            return (VmEntryOutcome)RunVmx(pointer, isLaunched ? 1u : 0);
    }

    public static void ReadOwnState(out CpuState state) => CpuCapture.Read(out state);

    public static ulong ReadCr0() => Instructions.ReadCr0();

    public static void WriteCr0(ulong value) => Instructions.WriteCr0(value);

    public static ulong ReadCr2() => Instructions.ReadCr2();

    public static void WriteCr2(ulong value) => Instructions.WriteCr2(value);

    public static ulong ReadCr4() => Instructions.ReadCr4();

    public static void WriteCr4(ulong value) => Instructions.WriteCr4(value);

    public static ulong ReadDr6() => Instructions.ReadDr6();

    public static void WriteDr6(ulong value) => Instructions.WriteDr6(value);

    public static bool TrySetExtendedControl(uint register, ulong value) => TryXsetbv(register, (uint)(value >> 32), (uint)value) != 0;

    public static void WriteBackCaches() => Instructions.Wbinvd();

    [RuntimeImport("*", "UnblockNmi")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void UnblockNmi();

    [RuntimeImport("*", "RunVmx")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern uint RunVmx(GuestRegisters* registers, uint isLaunched);

    [RuntimeImport("*", "AddressOfVmxExited")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern ulong AddressOfVmxExited();

    [RuntimeImport("*", "Vmxon")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern uint Vmxon(ulong region);

    [RuntimeImport("*", "Vmxoff")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void Vmxoff();

    [RuntimeImport("*", "Vmclear")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern uint Vmclear(ulong vmcs);

    [RuntimeImport("*", "Vmptrld")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern uint Vmptrld(ulong vmcs);

    [RuntimeImport("*", "Vmread")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern ulong Vmread(uint encoding);

    [RuntimeImport("*", "Vmwrite")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void Vmwrite(uint encoding, ulong value);

    [RuntimeImport("*", "InveptAll")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void InveptAll();

    [RuntimeImport("*", "InvvpidAll")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void InvvpidAll();

    [RuntimeImport("*", "TryXsetbv")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern int TryXsetbv(uint register, uint high, uint low);
}

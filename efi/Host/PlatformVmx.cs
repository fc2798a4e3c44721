using Switcher.Boot.Memory;
using Switcher.Efi.Cpu;
using Switcher.Hv.Cpu;
using Switcher.Hv.Vmx;
using Switcher.Hv.Vmx.Definitions;

namespace Switcher.Efi.Host;

/// <summary>The instructions of VMX.</summary>
internal unsafe partial struct Platform : IVmxInstructions
{
    public static ulong ExitAddress => VmxStubs.AddressOfVmxExited();

    public static bool EnterVmxOperation(HostPhysicalAddress region) => VmxStubs.Vmxon(region.Value) != 0;

    public static void LeaveVmxOperation() => VmxStubs.Vmxoff();

    public static bool LoadVmcs(HostPhysicalAddress vmcs) => VmxStubs.Vmclear(vmcs.Value) != 0 && VmxStubs.Vmptrld(vmcs.Value) != 0;

    public static void ClearVmcs(HostPhysicalAddress vmcs) => VmxStubs.Vmclear(vmcs.Value);

    public static ulong ReadVmcs(uint encoding) => VmxStubs.Vmread(encoding);

    public static void WriteVmcs(uint encoding, ulong value) => VmxStubs.Vmwrite(encoding, value);

    public static void InvalidateEpt() => VmxStubs.InveptAll();

    public static void InvalidateVpid() => VmxStubs.InvvpidAll();

    public static VmEntryOutcome RunVmx(ref GuestRegisters registers, bool isLaunched)
    {
        // SAFETY: the registers are in the hypervisor's memory, which nothing moves.
        fixed (GuestRegisters* pointer = &registers)
            return VmxStubs.RunVmx(pointer, isLaunched ? 1u : 0);
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

    public static bool TrySetExtendedControl(uint register, ulong value) =>
        HostStubs.TryXsetbv(register, (uint)(value >> 32), (uint)value) != 0;

    public static void WriteBackCaches() => Instructions.Wbinvd();

    public static void UnblockNmi() => VmxStubs.UnblockNmi();
}

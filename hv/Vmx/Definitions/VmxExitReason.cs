using System;

namespace Switcher.Hv.Vmx.Definitions;

/// <summary>Basic exit reasons: SDM vol. 3, appendix C "VMX Basic Exit Reasons".</summary>
public enum VmxExitReason : ushort
{
    ExceptionOrNmi = 0,
    ExternalInterrupt = 1,
    TripleFault = 2,
    Init = 3,
    Sipi = 4,
    NmiWindow = 8,
    TaskSwitch = 9,
    Cpuid = 10,
    Getsec = 11,
    Hlt = 12,
    Invd = 13,
    Invlpg = 14,
    Vmcall = 18,
    Vmclear = 19,
    Vmlaunch = 20,
    Vmptrld = 21,
    Vmptrst = 22,
    Vmread = 23,
    Vmresume = 24,
    Vmwrite = 25,
    Vmxoff = 26,
    Vmxon = 27,
    ControlRegister = 28,
    DebugRegister = 29,
    Io = 30,
    Rdmsr = 31,
    Wrmsr = 32,
    InvalidGuestState = 33,
    MsrLoading = 34,
    Pause = 40,
    MachineCheckDuringEntry = 41,
    EptViolation = 48,
    EptMisconfiguration = 49,
    Invept = 50,
    PreemptionTimer = 52,
    Invvpid = 53,
    Xsetbv = 55,
    Vmfunc = 59,
}

/// <summary>Words for messages.</summary>
public static class VmxExitReasonText
{
    public static ReadOnlySpan<byte> Of(VmxExitReason reason) => reason switch
    {
        VmxExitReason.ExceptionOrNmi => "exception"u8,
        VmxExitReason.ExternalInterrupt => "external interrupt"u8,
        VmxExitReason.TaskSwitch => "task switch, which Switcher does not carry out"u8,
        VmxExitReason.Hlt => "HLT"u8,
        VmxExitReason.Invlpg => "INVLPG"u8,
        VmxExitReason.ControlRegister => "access to a control register that needs no exit"u8,
        VmxExitReason.DebugRegister => "access to a debug register"u8,
        VmxExitReason.InvalidGuestState => "the CPU found the guest's state invalid"u8,
        VmxExitReason.MsrLoading => "the CPU could not load an MSR at the entry"u8,
        VmxExitReason.MachineCheckDuringEntry => "machine check during the entry"u8,
        VmxExitReason.EptMisconfiguration => "EPT entry with reserved bits or a reserved memory type"u8,
        _ => "exit reason that Switcher does not know"u8,
    };
}

/// <summary>Why VMLAUNCH and VMRESUME fail: SDM vol. 3, 31.4 "VM Instruction Error Numbers".</summary>
public static class VmxInstructionErrorText
{
    /// <summary>The number that the tables leave out: there is no current VMCS to hold one.</summary>
    public const uint NoCurrentVmcs = 0;

    public static ReadOnlySpan<byte> Of(uint number) => number switch
    {
        NoCurrentVmcs => "no current VMCS"u8,
        4 => "VMLAUNCH with non-clear VMCS"u8,
        5 => "VMRESUME with non-launched VMCS"u8,
        6 => "VMRESUME after VMXOFF"u8,
        7 => "VM entry with invalid control fields"u8,
        8 => "VM entry with invalid host-state fields"u8,
        26 => "VM entry with events blocked by MOV SS"u8,
        _ => "VM-instruction error that no entry has"u8,
    };
}

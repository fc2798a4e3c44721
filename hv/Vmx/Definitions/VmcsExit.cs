namespace Switcher.Hv.Vmx.Definitions;

/// <summary>What the CPU says of an exit or a failed instruction: SDM vol. 3, 25.9 "VM-Exit Information Fields", appendix B.</summary>
public static class VmcsExit
{
    public static VmcsInformation<ulong> GuestPhysicalAddress => new(0x2400);

    public static VmcsInformation<uint> InstructionError => new(0x4400);

    public static VmcsInformation<uint> Reason => new(0x4402);

    public static VmcsInformation<uint> InterruptionInformation => new(0x4404);

    public static VmcsInformation<uint> InterruptionErrorCode => new(0x4406);

    public static VmcsInformation<uint> IdtVectoringInformation => new(0x4408);

    public static VmcsInformation<uint> IdtVectoringErrorCode => new(0x440A);

    /// <summary>In bytes.</summary>
    public static VmcsInformation<uint> InstructionLength => new(0x440C);

    public static VmcsInformation<nuint> Qualification => new(0x6400);

    public static VmcsInformation<nuint> GuestLinearAddress => new(0x640A);
}

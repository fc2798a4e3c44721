namespace Switcher.Hv.Vmx.Definitions;

/// <summary>Control fields: SDM vol. 3, 25.6 "VM-Execution Control Fields" to 25.8 "VM-Entry Control Fields", appendix B.</summary>
public static class VmcsControl
{
    public static VmcsField<ushort> VirtualProcessorId => new(0x0000);

    public static VmcsField<ulong> IoBitmapA => new(0x2000);

    public static VmcsField<ulong> IoBitmapB => new(0x2002);

    public static VmcsField<ulong> MsrBitmap => new(0x2004);

    public static VmcsField<ulong> EptPointer => new(0x201A);

    /// <summary>Exists only where XSAVES can be enabled.</summary>
    public static VmcsField<ulong> XssExitingBitmap => new(0x202C);

    public static VmcsField<PinControls> PinControls => new(0x4000);

    public static VmcsField<PrimaryControls> PrimaryControls => new(0x4002);

    public static VmcsField<uint> ExceptionBitmap => new(0x4004);

    public static VmcsField<uint> PageFaultErrorCodeMask => new(0x4006);

    public static VmcsField<uint> PageFaultErrorCodeMatch => new(0x4008);

    public static VmcsField<uint> Cr3TargetCount => new(0x400A);

    public static VmcsField<ExitControls> ExitControls => new(0x400C);

    public static VmcsField<uint> ExitMsrStoreCount => new(0x400E);

    public static VmcsField<uint> ExitMsrLoadCount => new(0x4010);

    public static VmcsField<EntryControls> EntryControls => new(0x4012);

    public static VmcsField<uint> EntryMsrLoadCount => new(0x4014);

    public static VmcsField<uint> EntryInterruptionInformation => new(0x4016);

    public static VmcsField<uint> EntryExceptionErrorCode => new(0x4018);

    public static VmcsField<uint> EntryInstructionLength => new(0x401A);

    public static VmcsField<SecondaryControls> SecondaryControls => new(0x401E);

    public static VmcsField<nuint> Cr0Mask => new(0x6000);

    public static VmcsField<nuint> Cr4Mask => new(0x6002);

    public static VmcsField<nuint> Cr0Shadow => new(0x6004);

    public static VmcsField<nuint> Cr4Shadow => new(0x6006);
}

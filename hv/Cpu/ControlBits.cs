namespace Switcher.Hv.Cpu;

/// <summary>APM vol. 2, 3.1.1 CR0 Register.</summary>
public static class Cr0
{
    public const ulong ProtectedMode = 1 << 0;
    public const ulong MonitorCoprocessor = 1 << 1;
    public const ulong Emulation = 1 << 2;
    public const ulong TaskSwitched = 1 << 3;
    public const ulong ExtensionType = 1 << 4;
    public const ulong NumericError = 1 << 5;
    public const ulong WriteProtect = 1 << 16;
    public const ulong AlignmentMask = 1 << 18;
    public const ulong NotWritethrough = 1 << 29;
    public const ulong CacheDisable = 1 << 30;
    public const ulong Paging = 1UL << 31;
}

/// <summary>APM vol. 2, 3.1.3 CR4 Register; SDM vol. 3, 2.5 Control Registers for VMXE and SMXE.</summary>
public static class Cr4
{
    public const ulong PageSizeExtensions = 1 << 4;
    public const ulong PhysicalAddressExtension = 1 << 5;
    public const ulong OsFxsave = 1 << 9;
    public const ulong OsXmmExceptions = 1 << 10;
    public const ulong FiveLevelPaging = 1 << 12;
    public const ulong VirtualMachineExtensions = 1 << 13;
    public const ulong SaferModeExtensions = 1 << 14;
    public const ulong ProcessContextIdentifiers = 1 << 17;
    public const ulong OsXsave = 1 << 18;
    public const ulong ProtectionKeys = 1 << 22;
    public const ulong ControlFlowEnforcement = 1 << 23;
}

/// <summary>APM vol. 2, 3.1.7 Extended Feature Enable Register (EFER).</summary>
public static class Efer
{
    public const ulong SystemCallExtensions = 1 << 0;
    public const ulong LongModeEnable = 1 << 8;
    public const ulong LongModeActive = 1 << 10;
    public const ulong NoExecuteEnable = 1 << 11;
    public const ulong SecureVirtualMachineEnable = 1 << 12;
}

/// <summary>APM vol. 2, 3.1.6 RFLAGS Register.</summary>
public static class Rflags
{
    public const ulong AlwaysOne = 1 << 1;
    public const ulong Trap = 1 << 8;
    public const ulong Interrupt = 1 << 9;
    public const ulong Direction = 1 << 10;
    public const ulong Resume = 1 << 16;
    public const ulong Virtual8086 = 1 << 17;
}

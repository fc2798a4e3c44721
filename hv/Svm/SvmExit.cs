using Switcher.Hv.Vendor;

namespace Switcher.Hv.Svm;

/// <summary>Translates SVM's exit codes into neutral ones.</summary>
public static class SvmExit
{
    /// <summary>Reads what the VMCB says of the latest exit.</summary>
    public static VmExit Read(in Vmcb vmcb)
    {
        // Some CPUs store -1 as 32 bits, so the upper half says nothing.
        var code = (SvmExitCode)(uint)vmcb.ExitCode;
        var exit = new VmExit
        {
            Kind = KindOf(code, vmcb.ExitInfo1),
            Code = vmcb.ExitCode,
            Information = vmcb.ExitInfo1,
            NextRip = vmcb.NextRip,
        };
        if (code == SvmExitCode.Io)
            ReadIo(ref exit, vmcb);
        else if (code == SvmExitCode.NestedPageFault)
            ReadNestedPageFault(ref exit, vmcb);
        return exit;
    }

    private static VmExitKind KindOf(SvmExitCode code, ulong information) => code switch
    {
        SvmExitCode.Cpuid => VmExitKind.Cpuid,
        SvmExitCode.Io => VmExitKind.Io,
        SvmExitCode.Msr => (information & 1) != 0 ? VmExitKind.WriteMsr : VmExitKind.ReadMsr,
        SvmExitCode.NestedPageFault => VmExitKind.NestedPageFault,
        SvmExitCode.Nmi => VmExitKind.Nmi,
        SvmExitCode.Smi => VmExitKind.Smi,
        SvmExitCode.Pause or SvmExitCode.Hlt => VmExitKind.Pause,
        SvmExitCode.Shutdown => VmExitKind.TripleFault,
        SvmExitCode.Vmmcall => VmExitKind.Hypercall,
        SvmExitCode.Invlpga or SvmExitCode.Vmrun or SvmExitCode.Vmload or SvmExitCode.Vmsave or SvmExitCode.Stgi or SvmExitCode.Clgi
            or SvmExitCode.Skinit => VmExitKind.VirtualizationInstruction,
        SvmExitCode.Invalid => VmExitKind.InvalidState,
        _ => VmExitKind.Unknown,
    };

    /// <summary>APM vol. 2, 15.10.2 IN and OUT Behavior: EXITINFO1; EXITINFO2 is the address of the next instruction.</summary>
    private static void ReadIo(ref VmExit exit, in Vmcb vmcb)
    {
        ulong information = vmcb.ExitInfo1;
        exit.Port = (ushort)(information >> 16);
        exit.IsIn = (information & 1) != 0;
        exit.IsString = (information & 4) != 0;
        exit.Size = (byte)((information >> 4) & 7);
        exit.NextRip = vmcb.ExitInfo2;
    }

    /// <summary>
    /// APM vol. 2, 15.25.6 Nested versus Guest Page Faults, Fault Ordering: EXITINFO1 is an error code, EXITINFO2 the address.
    /// </summary>
    private static void ReadNestedPageFault(ref VmExit exit, in Vmcb vmcb)
    {
        const ulong Write = 1 << 1;
        const ulong Fetch = 1 << 4;
        const ulong GuestPageTables = 1UL << 33;
        exit.Address = vmcb.ExitInfo2;
        if ((vmcb.ExitInfo1 & Write) != 0)
            exit.Access |= NestedAccess.Write;
        if ((vmcb.ExitInfo1 & Fetch) != 0)
            exit.Access |= NestedAccess.Execute;
        if ((vmcb.ExitInfo1 & GuestPageTables) != 0)
            exit.Access |= NestedAccess.PageTableWalk;
    }
}

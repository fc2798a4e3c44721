using System;
using Switcher.Hv.Cpu;
using Switcher.Hv.State;
using Switcher.Hv.Svm;

namespace Switcher.Tests.Hv.Machine;

/// <summary>
/// What VMRUN checks (APM vol. 2, 15.5.1 Basic Operation, "Canonicalization and Consistency Checks"), and what must never be entered.
/// </summary>
internal static class Vmrun
{
    public static void Check(in Vmcb vmcb, FakeCpu cpu)
    {
        if (WhyRefused(vmcb, cpu) is string reason)
            throw new InvalidOperationException($"VMRUN on CPU {cpu.Index}: {reason}");
    }

    private static string? WhyRefused(in Vmcb vmcb, FakeCpu cpu)
    {
        bool isPaging = (vmcb.Cr0 & Cr0.Paging) != 0;
        bool isLongMode = (vmcb.Efer & Efer.LongModeEnable) != 0 && isPaging;
        if ((vmcb.Efer & Efer.SecureVirtualMachineEnable) == 0)
            return "EFER.SVME is clear";
        if ((vmcb.Cr0 & Cr0.CacheDisable) == 0 && (vmcb.Cr0 & Cr0.NotWritethrough) != 0)
            return "CR0.CD is clear and CR0.NW is set";
        if (vmcb.Cr0 >> 32 != 0 || vmcb.Dr6 >> 32 != 0 || vmcb.Dr7 >> 32 != 0)
            return "upper halves of CR0, DR6 or DR7 are set";
        if (isLongMode && (vmcb.Cr4 & Cr4.PhysicalAddressExtension) == 0)
            return "long mode without CR4.PAE";
        if (isLongMode && (vmcb.Cr0 & Cr0.ProtectedMode) == 0)
            return "long mode without CR0.PE";
        if (isLongMode && (vmcb.Cs.Attributes & 0x600) == 0x600)
            return "CS.L and CS.D are both set";
        if ((vmcb.Intercepts2 & SvmIntercepts2.Vmrun) == 0)
            return "VMRUN is not intercepted";
        if (vmcb.GuestAsid == 0)
            return "the ASID is 0";
        if (vmcb.IopmBasePa == 0 || vmcb.MsrpmBasePa == 0)
            return "no permission maps";
        return WhyDangerous(vmcb, cpu);
    }

    private static string? WhyDangerous(in Vmcb vmcb, FakeCpu cpu)
    {
        if ((vmcb.Intercepts1 & SvmIntercepts1.Nmi) == 0)
            return "nothing could get this CPU out of its guest";
        if ((vmcb.Intercepts1 & SvmIntercepts1.Smi) == 0)
            return "System Management Mode would be entered as the guest";
        if (!cpu.HasHostState)
            return "the host's own state is not saved";
        if (vmcb.Rax != cpu.Virtual.Registers.Rax || vmcb.Rsp != cpu.Virtual.Registers.Rsp)
            return "RAX and RSP in the VMCB are not the guest's";

        // The page where a CPU waits has no interrupt table, so an event there would run whatever is at its place in low memory.
        return cpu.Virtual.Activity == CpuActivity.WaitingForStartup && vmcb.EventInjection != 0
            ? "an event for a CPU that waits for its start-up" : null;
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Switcher.Efi.Cpu;
using Switcher.Hv.Cpu;
using Switcher.Hv.Run;
using Switcher.Hv.State;
using Switcher.Hv.Svm;
using Switcher.Hv.Vendor;
using Switcher.Hv.Vmx;
using Switcher.Hv.Vmx.Definitions;

namespace Switcher.Efi.Host;

/// <summary>
/// Where each CPU comes in when it becomes the hypervisor's. Runs in the copy of the image, on the host's stack, and never returns.
/// </summary>
internal static unsafe class HostEntry
{
    private static HostRoot* s_root;

    /// <summary>Called once in the copy, before any CPU is launched.</summary>
    [UnmanagedCallersOnly]
    public static void Initialize(HostRoot* root)
    {
        s_root = root;
        Platform.Initialize(root->LogRing, root->InitialXsave, root->Backend);
    }

    /// <summary>The launch stub's target.</summary>
    [UnmanagedCallersOnly]
    public static void Enter(VirtualCpu* cpu, CpuState* captured)
    {
        ref HostCpu host = ref s_root->HostCpus.At<Platform>(cpu->Index);
        HostTables.Load(host.Tables, s_root->PageTable.Value, HostControlRegister4(captured->Cr4));
        Instructions.WriteMsr(Msr.GsBase, (ulong)cpu);
        if (s_root->Backend == Backend.Vmx)
            Run<Vmx<Platform>>(ref *cpu, *captured);
        else
            Run<Svm<Platform>>(ref *cpu, *captured);
    }

    private static void Run<TVirtualization>(ref VirtualCpu cpu, in CpuState captured)
        where TVirtualization : struct, IVirtualization
    {
        ref HypervisorState state = ref s_root->State;

        // The launch stub returns it, in the guest or, if nothing came of that, where the CPU was.
        Status status = TVirtualization.EnableCpu(ref state, ref cpu);
        cpu.Registers.Rax = (ulong)status;
        if (status != Status.Success)
            NativeState.Resume(ref cpu, captured);
        TVirtualization.LoadState(ref cpu, captured);
        TVirtualization.SetNestedRoot(ref cpu, Domains<Platform>.Active(state).NestedRoot);
        cpu.Activity = CpuActivity.Running;
        Hypervisor<Platform, TVirtualization>.RunCpu(ref state, ref cpu);

        // A CPU that never was in the guest goes on as it was found, whatever the vendor has made of that.
        if (cpu.HasEntered == 0)
        {
            TVirtualization.DisableCpu(ref cpu);
            NativeState.Resume(ref cpu, captured);
        }
        Leave<TVirtualization>(ref cpu);
    }

    /// <summary>Gives the CPU back: it goes on where the guest was, without the hypervisor.</summary>
    private static void Leave<TVirtualization>(ref VirtualCpu cpu)
        where TVirtualization : struct, IVirtualization
    {
        TVirtualization.SaveState(ref cpu, out CpuState state);
        TVirtualization.DisableCpu(ref cpu);
        NativeState.Resume(ref cpu, state);
    }

    /// <summary>
    /// What the host's own code needs: paging as it is, SSE, and XSAVE where the CPU has it. Nothing of what a guest may have switched on
    /// (global pages, protection keys, SMAP).
    /// </summary>
    private static ulong HostControlRegister4(ulong captured)
    {
        ulong value = Cr4.PhysicalAddressExtension | Cr4.OsFxsave | Cr4.OsXmmExceptions | (captured & Cr4.FiveLevelPaging);
        return CpuFeatures<Platform>.HasXsave ? value | Cr4.OsXsave : value;
    }
}

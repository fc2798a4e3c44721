using System.Runtime.InteropServices;
using Switcher.Boot.Text;
using Switcher.Efi.Cpu;
using Switcher.Efi.Firmware;
using Switcher.Efi.Host;
using Switcher.Efi.Uefi;
using Switcher.Hv.Cpu;
using Switcher.Hv.Exits;
using Switcher.Hv.Run;
using Switcher.Hv.State;

namespace Switcher.Efi.Launch;

/// <summary>
/// The boot side's way to the hypervisor: check, prepare, launch, and leave again if a loader fails. After <see cref="Launch"/> all CPUs are
/// guests until <see cref="Leave"/>.
/// </summary>
internal static unsafe class Hypervisor
{
    private static Backend s_backend;
    private static HostRoot* s_root;
    private static MpServices* s_services;

    // Kept here because the hypervisor's memory is out of sight after launch.
    private static int s_cpuCount;
    private static ulong s_timestampFrequency;

    // Why a CPU could not be launched.
    private static Status s_failure;

    /// <summary>Which of the two hypercall instructions this machine has: VMCALL or VMMCALL.</summary>
    public static bool UsesVmcall => s_backend == Backend.Vmx;

    /// <summary>Whether this CPU can do what is needed.</summary>
    public static bool Check()
    {
        s_backend = Backends.Detect();
        return IsGood(Backends.Check(s_backend));
    }

    /// <summary>Bytes of memory that the hypervisor needs, by the firmware's map as it was read last.</summary>
    public static ulong RequiredBytes(int guests)
    {
        nuint total = 1;
        nuint enabled = 1;
        MpServices* services = FirmwareAccess.Locate<MpServices>(MpServices.Protocol);
        if (services != null)
            services->GetNumberOfProcessors(services, &total, &enabled);
        ulong acpiBytes = 0;
        foreach (ref readonly Boot.Memory.MemoryDescriptor descriptor in FirmwareMap.Descriptors)
        {
            if (descriptor.Type is Boot.Memory.MemoryType.AcpiReclaim or Boot.Memory.MemoryType.AcpiNvs)
                acpiBytes += descriptor.Range.Length;
        }
        return HypervisorBuilder.RequiredBytes(s_backend, (int)enabled, guests, acpiBytes);
    }

    /// <summary>Writes all of the hypervisor's memory. Nothing runs yet: a failure costs nothing.</summary>
    public static bool Prepare(in BootPlan plan)
    {
        s_services = FirmwareAccess.Locate<MpServices>(MpServices.Protocol);
        if (!IsGood(HypervisorBuilder.Build(plan, s_backend, s_services, FirmwareAccess.Services, out HostRoot* root)))
            return false;
        s_root = root;
        s_cpuCount = root->State.Cpus.Count;
        s_timestampFrequency = root->State.TimestampFrequency;
        Backends.InitializeMachine(s_backend, ref root->State);
        InCopy(&HostEntry.Initialize)(root);
        return true;
    }

    /// <summary>
    /// Makes the running firmware a guest on every CPU. Application processors first: a firmware that wakes them from a boot CPU that is a guest
    /// already would have its INIT swallowed for CPUs that are not.
    /// </summary>
    public static bool Launch()
    {
        if (s_cpuCount > 1)
            s_services->StartupAllAps(s_services, &LaunchThisCpu, 0, default, 0, null, null);
        if (s_failure == Status.Success)
            LaunchCurrent();
        if (s_failure != Status.Success)
        {
            Leave();
            return IsGood(s_failure);
        }

        var line = new LogLine("STEP launch"u8);
        line.Word("backend"u8, Backends.Name(s_backend));
        line.Number("cpus"u8, (ulong)s_cpuCount);
        line.Number("tsc-hz"u8, s_timestampFrequency);
        line.WriteTo<Log>();
        return true;
    }

    /// <summary>Gives every CPU back to the firmware. The hypervisor's memory is ordinary memory again afterwards.</summary>
    public static void Leave()
    {
        if (s_cpuCount > 1)
            s_services->StartupAllAps(s_services, &LeaveThisCpu, 0, default, 0, null, null);
        LeaveCurrent();
    }

    /// <summary>From now on the guest has the machine.</summary>
    public static void BeginRunPhase(int guest) => Call(Hypercall.BeginRunPhase, (ulong)guest);

    private static bool IsGood(Status status) => status == Status.Success || Refusal.Because(StatusText.Of(status));

    [UnmanagedCallersOnly]
    private static void LaunchThisCpu(void* argument) => LaunchCurrent();

    [UnmanagedCallersOnly]
    private static void LeaveThisCpu(void* argument) => LeaveCurrent();

    private static void LaunchCurrent()
    {
        ref HypervisorState state = ref s_root->State;
        uint apicId = MachineInventory.CurrentApicId();
        for (int i = 0; i < state.Cpus.Count; i++)
        {
            ref VirtualCpu cpu = ref state.Cpus.At<Platform>(i);
            if (cpu.ApicId != apicId)
                continue;
            ref HostCpu host = ref s_root->HostCpus.At<Platform>(i);
            CpuCapture.Read(out host.Captured);
            fixed (VirtualCpu* cpuPointer = &cpu)
            fixed (CpuState* captured = &host.Captured)
            {
                var status = (Status)HostStubs.LaunchCpu(cpuPointer, captured, host.StackTop, (ulong)InCopy(&HostEntry.Enter));
                if (status != Status.Success)
                    s_failure = status;
            }
            return;
        }
    }

    /// <summary>Does nothing on a CPU that could not be launched.</summary>
    private static void LeaveCurrent()
    {
        if (!Backends.IsOffered())
            Call(Hypercall.Leave, 0);
    }

    private static void Call(ulong number, ulong guest)
    {
        if (s_backend == Backend.Vmx)
            HostStubs.HypercallVmx(number, guest, 0);
        else
            HostStubs.HypercallSvm(number, guest, 0);
    }

    private static delegate* unmanaged<HostRoot*, void> InCopy(delegate* unmanaged<HostRoot*, void> function)
        => (delegate* unmanaged<HostRoot*, void>)((ulong)function + s_root->ImageDelta);

    private static delegate* unmanaged<VirtualCpu*, CpuState*, void> InCopy(delegate* unmanaged<VirtualCpu*, CpuState*, void> function)
        => (delegate* unmanaged<VirtualCpu*, CpuState*, void>)((ulong)function + s_root->ImageDelta);
}

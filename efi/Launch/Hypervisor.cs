using System.Runtime.InteropServices;
using Switcher.Boot.Plan;
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
/// The boot side's way to the hypervisor: check, prepare, launch, and leave again if a loader fails. After <see cref="Launch"/> all CPUs
/// are guests until <see cref="Leave"/>. Lies in the boot side's memory, because the hypervisor's is out of sight after launch.
/// </summary>
internal unsafe struct Hypervisor
{
    private UefiFirmware* _firmware;
    private HostRoot* _root;
    private MpServices* _services;
    private int _cpuCount;
    private ulong _timestampFrequency;

    // Why a CPU could not be launched.
    private Status _failure;

    /// <summary>Which of the two extensions, and so hypercall instructions, this machine has.</summary>
    public Backend Backend { get; private set; }

    /// <summary>Whether this CPU can do what is needed.</summary>
    public bool Check(UefiFirmware* firmware)
    {
        _firmware = firmware;
        Backend = Backends.Detect();
        return IsGood(Backends.Check(Backend));
    }

    /// <summary>Bytes of memory that the hypervisor needs, by the firmware's map as it was read last.</summary>
    public readonly ulong RequiredBytes(int guests)
    {
        nuint total = 1;
        nuint enabled = 1;
        MpServices* services = _firmware->Locate<MpServices>(MpServices.Protocol);
        if (services != null)
            services->GetNumberOfProcessors(services, &total, &enabled);
        return HypervisorBuilder.RequiredBytes(Backend, (int)enabled, guests, AcpiMemorySize.Of(_firmware->Map.Descriptors));
    }

    /// <summary>Writes all of the hypervisor's memory. Nothing runs yet: a failure costs nothing.</summary>
    public bool Prepare(in BootPlan plan)
    {
        _services = _firmware->Locate<MpServices>(MpServices.Protocol);
        if (!IsGood(HypervisorBuilder.Build(plan, Backend, _services, _firmware, out HostRoot* root)))
            return false;
        _root = root;
        _cpuCount = root->State.Cpus.Count;
        _timestampFrequency = root->State.TimestampFrequency;
        Backends.InitializeMachine(Backend, ref root->State);
        InCopy(&HostEntry.Initialize)(root);
        return true;
    }

    /// <summary>
    /// Makes the running firmware a guest on every CPU. Application processors first: a firmware that wakes them from a boot CPU that is a
    /// guest already would have its INIT swallowed for CPUs that are not.
    /// </summary>
    public bool Launch()
    {
        OnOthers(&LaunchThisCpu);
        if (_failure == Status.Success)
            LaunchCurrent();
        if (_failure != Status.Success)
        {
            Leave();
            return IsGood(_failure);
        }

        var line = new LogLine("STEP launch"u8);
        line.Word("backend"u8, Backends.Name(Backend));
        line.Number("cpus"u8, (ulong)_cpuCount);
        line.Number("tsc-hz"u8, _timestampFrequency);
        line.WriteTo<Log>();
        return true;
    }

    /// <summary>
    /// Tells what became of the last request, and returns with the next one: guests run meanwhile. The first call begins the run phase.
    /// </summary>
    /// <param name="answer">What becomes of the guest that asked.</param>
    /// <param name="status">The result of its runtime service.</param>
    /// <param name="guest">Who asks now.</param>
    public readonly FirmwareRequest NextRequest(FirmwareAnswer answer, EfiStatus status, out int guest)
    {
        // Its interrupts are the guests' now.
        Instructions.Cli();
        ulong request = Backends.Call(Backend, Hypercall.NextRequest, (ulong)answer, status.Value);
        guest = (int)(request >> 32);
        return (FirmwareRequest)(uint)request;
    }

    /// <summary>Gives every CPU back to the firmware. The hypervisor's memory is ordinary memory again afterwards.</summary>
    public void Leave()
    {
        // The firmware calls a CPU finished before it has gone to sleep, and wakes it by INIT. A CPU that just then asks for CPUID is in
        // the hypervisor, where INIT has to be held back (SDM vol. 3, 24.8 "Restrictions on VMX Operation"); Bochs loses it.
        const nuint Microseconds = 10_000;
        _firmware->Services->Stall(Microseconds);
        OnOthers(&LeaveThisCpu);
        LeaveCurrent();
    }

    private readonly bool IsGood(Status status) => status == Status.Success || _firmware->Refusal.Because(StatusText.Of(status));

    [UnmanagedCallersOnly]
    private static void LaunchThisCpu(void* hypervisor) => ((Hypervisor*)hypervisor)->LaunchCurrent();

    [UnmanagedCallersOnly]
    private static void LeaveThisCpu(void* hypervisor) => ((Hypervisor*)hypervisor)->LeaveCurrent();

    /// <summary>Calls a procedure on the other CPUs, one after the other, with this as its argument.</summary>
    private void OnOthers(delegate* unmanaged<void*, void> procedure)
    {
        if (_cpuCount <= 1)
            return;

        // SAFETY: the boot side's context, which holds this, does not move.
        fixed (Hypervisor* self = &this)
            _services->StartupAllAps(_services, procedure, 0, default, 0, self, null);
    }

    private void LaunchCurrent()
    {
        ref HypervisorState state = ref _root->State;
        uint apicId = CpuFeatures<Platform>.ApicId;
        for (int i = 0; i < state.Cpus.Count; i++)
        {
            ref VirtualCpu cpu = ref state.Cpus.At<Platform>(i);
            if (cpu.ApicId != apicId)
                continue;
            ref HostCpu host = ref _root->HostCpus.At<Platform>(i);
            CpuCapture.Read(out host.Captured);
            fixed (VirtualCpu* cpuPointer = &cpu)
            fixed (CpuState* captured = &host.Captured)
            {
                var status = (Status)HostStubs.LaunchCpu(cpuPointer, captured, host.StackTop, (ulong)InCopy(&HostEntry.Enter));
                if (status != Status.Success)
                    _failure = status;
            }

            return;
        }
    }

    /// <summary>Does nothing on a CPU that could not be launched.</summary>
    private readonly void LeaveCurrent()
    {
        if (!Backends.IsOffered())
            Backends.Call(Backend, Hypercall.Leave, 0, 0);
    }

    private readonly delegate* unmanaged<HostRoot*, void> InCopy(delegate* unmanaged<HostRoot*, void> function)
        => (delegate* unmanaged<HostRoot*, void>)((ulong)function + _root->ImageDelta);

    private readonly delegate* unmanaged<VirtualCpu*, CpuState*, void> InCopy(delegate* unmanaged<VirtualCpu*, CpuState*, void> function)
        => (delegate* unmanaged<VirtualCpu*, CpuState*, void>)((ulong)function + _root->ImageDelta);
}

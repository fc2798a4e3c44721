using System.Runtime.InteropServices;
using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;

namespace Switcher.Hv.State;

/// <summary>What a CPU is doing for the active guest.</summary>
public enum CpuActivity
{
    /// <summary>Executes the guest.</summary>
    Running,

    /// <summary>After INIT: waits for a start-up interrupt.</summary>
    WaitingForStartup,

    /// <summary>In the hypervisor, until the CPU that switches guests lets it go.</summary>
    Stopped,
}

/// <summary>
/// One CPU of the machine under the hypervisor. There is one of these for each CPU, not for each guest: a suspended guest has no CPU state
/// beyond its waking vector, and a parked one only that of its boot CPU.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 1024)]
public struct VirtualCpu
{
    /// <summary>The guest's general-purpose registers; the world switch takes their address.</summary>
    public GuestRegisters Registers;

    /// <summary>The guest's x87 and SSE registers; the world switch loads and stores them, so it has to be at a multiple of 16.</summary>
    public FpuState Fpu;

    /// <summary>
    /// 1 while a non-maskable interrupt that the hypervisor sent to this CPU is on its way; the host's handler of that interrupt clears it.
    /// </summary>
    public int KickPending;

    /// <summary>1 if a non-maskable interrupt came in the hypervisor that was not its own: the same handler sets it.</summary>
    public int GuestNmi;

    /// <summary>Position in <see cref="HypervisorState.Cpus"/>; 0 is the boot CPU.</summary>
    public int Index;

    /// <summary>The local APIC's ID.</summary>
    public uint ApicId;

    /// <summary>The vendor's control structure (VMCB, VMCS) of this CPU.</summary>
    public HostPhysicalAddress ControlBlock;

    /// <summary>Two more pages for the vendor; what they hold is named there.</summary>
    public HostPhysicalAddress FirstVendorPage;
    public HostPhysicalAddress SecondVendorPage;

    public CpuActivity Activity;

    /// <summary>The local APIC's logical destination register, as the guest wrote it last.</summary>
    public uint LogicalDestination;

    /// <summary>Requests of other CPUs, set by them and cleared by this one: <see cref="CpuRequest"/>.</summary>
    public int Requests;

    /// <summary>Requests that came while it executed the firmware, and wait for the end of that.</summary>
    public int DeferredRequests;

    /// <summary>1 if a non-maskable interrupt came meanwhile that is the guest's.</summary>
    public int DeferredNmi;

    /// <summary>The vector of the latest start-up interrupt.</summary>
    public int StartupVector;

    /// <summary>1 once this CPU has executed the active guest since that became active.</summary>
    public int HasEntered;

    /// <summary>True once this CPU is to go on without the hypervisor.</summary>
    public bool IsLeaving;

    /// <summary>
    /// It executes the firmware on behalf of the active guest, whose CPU state is in <see cref="HypervisorState.Caller"/>.
    /// </summary>
    public bool IsInFirmware;

    /// <summary>It stays in the hypervisor, for as long as another CPU is in a service.</summary>
    public bool IsWatching;

    /// <summary>Time-stamp of the latest exit.</summary>
    public ulong ExitTimestamp;
}

/// <summary>What one CPU asks of another.</summary>
public static class CpuRequest
{
    /// <summary>INIT came for this CPU.</summary>
    public const int Init = 1;

    /// <summary>A start-up interrupt came; the vector is in <see cref="VirtualCpu.StartupVector"/>.</summary>
    public const int Startup = 2;

    /// <summary>Come into the hypervisor and stay until released: guests are being switched.</summary>
    public const int Stop = 4;

    /// <summary>Look whether the firmware has been in its service for too long.</summary>
    public const int CheckTime = 8;

    /// <summary>Stay in the hypervisor for as long as another CPU is in a service, and have that look at the time.</summary>
    public const int Watch = 16;
}

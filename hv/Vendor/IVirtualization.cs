using System;
using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;
using Switcher.Hv.State;

namespace Switcher.Hv.Vendor;

/// <summary>
/// The vendor contract: what a hardware virtualization extension has to offer. Everything that is not behind it is the same on all vendors.
/// Implementations are structs without fields and are chosen once, at launch; all calls are resolved at compile time.
/// </summary>
public interface IVirtualization
{
    /// <summary>What the extension does not offer.</summary>
    static abstract VendorGaps Gaps { get; }

    /// <summary>What this machine lacks, or <see cref="Status.Success"/>. Changes nothing.</summary>
    static abstract Status Check();

    /// <summary>Writes the machine-wide structures (bitmaps) that all CPUs share.</summary>
    static abstract void InitializeMachine(ref HypervisorState hypervisor);

    /// <summary>Switches the extension on for the CPU that executes this, and gives it a fresh control structure.</summary>
    static abstract Status EnableCpu(ref HypervisorState hypervisor, ref VirtualCpu cpu);

    /// <summary>
    /// Switches the extension off again, after loading what of the guest's state no ordinary instruction can load, such as an empty task
    /// register.
    /// </summary>
    static abstract void DisableCpu(ref VirtualCpu cpu);

    /// <summary>
    /// Runs the guest until it exits, and says why. A non-maskable interrupt that caused the exit is taken from the CPU: the hypervisor's
    /// own clears <see cref="VirtualCpu.KickPending"/>, any other sets <see cref="VirtualCpu.GuestNmi"/>.
    /// </summary>
    static abstract VmExit Run(ref VirtualCpu cpu);

    /// <summary>Makes <paramref name="state"/> the guest's state.</summary>
    static abstract void LoadState(ref VirtualCpu cpu, in CpuState state, StateKind kind = StateKind.New);

    /// <summary>Reads the guest's state.</summary>
    static abstract void SaveState(ref VirtualCpu cpu, out CpuState state);

    /// <summary>Continues the guest at another instruction; an interrupt shadow of the one before ends.</summary>
    static abstract void SetRip(ref VirtualCpu cpu, ulong rip);

    /// <summary>Gives the guest an event, as soon as it can take it.</summary>
    static abstract void Inject(ref VirtualCpu cpu, GuestEvent guestEvent);

    /// <summary>Puts the guest under another nested page table and drops every translation of the old one.</summary>
    static abstract void SetNestedRoot(ref VirtualCpu cpu, HostPhysicalAddress root);

    /// <summary>Where a guest-physical address really is; false if the guest may not read there.</summary>
    static abstract bool TryTranslate(HostPhysicalAddress root, GuestPhysicalAddress address, out HostPhysicalAddress result);

    /// <summary>Makes the CPU wait for a start-up interrupt, deaf to everything but that and the hypervisor.</summary>
    static abstract void WaitForStartup(ref HypervisorState hypervisor, ref VirtualCpu cpu);

    /// <summary>What a guest finds in an MSR that belongs to the extension, which it does not have.</summary>
    /// <param name="register">Any MSR.</param>
    /// <param name="value">What it reads, for <see cref="HiddenMsr.ReadOnly"/>.</param>
    static abstract HiddenMsr ReadHiddenMsr(uint register, out ulong value);

    /// <summary>What there is to know about an exit that nobody handles, in words.</summary>
    static abstract ReadOnlySpan<byte> Explain(ref VirtualCpu cpu, in VmExit exit);
}

/// <summary>What an extension does not offer, so that the hypervisor has to make up for it.</summary>
[Flags]
public enum VendorGaps
{
    None,

    /// <summary>INIT and SIPI cannot be intercepted: writes to the local APIC's interrupt command register are trapped instead.</summary>
    StartupIntercept = 1,

    /// <summary>No timer brings an exit: a CPU in a runtime service is watched by another one.</summary>
    Timer = 2,
}

/// <summary>What a state that a CPU gets is to that CPU.</summary>
public enum StateKind
{
    /// <summary>Another one than it had: an INIT or interrupt shadow of the old one is of no account.</summary>
    New,

    /// <summary>
    /// The firmware's, for a runtime service: external interrupts stay pending, whatever its RFLAGS.IF is, and faults and PAUSE exit.
    /// </summary>
    Service,

    /// <summary>The one from before the service.</summary>
    AfterService,

    /// <summary>The same, but for what an instruction has changed that the hypervisor carried out.</summary>
    Changed,
}

/// <summary>The exceptions that a firmware that works does not raise in a runtime service.</summary>
public static class ServiceFaults
{
    /// <summary>A bit for each vector: all but #DB, NMI, #BP and #MC (APM vol. 2, 8.2 Vectors), which are not the code's fault.</summary>
    public const uint Mask = ~((1u << 1) | (1 << 2) | (1 << 3) | (1 << 18));
}

/// <summary>How an MSR of the extension appears to guests.</summary>
public enum HiddenMsr
{
    /// <summary>It is none of those.</summary>
    None,

    /// <summary>Every access faults.</summary>
    Absent,

    /// <summary>It says that the extension is switched off; writes fault.</summary>
    ReadOnly,
}

/// <summary>What the hypervisor gives to guests, by vector: APM vol. 2, 8.2 Vectors. The error code, where there is one, is 0.</summary>
public enum GuestEvent : byte
{
    NonMaskableInterrupt = 2,
    InvalidOpcode = 6,
    GeneralProtection = 13,
}

using System;

namespace Switcher.Hv.State;

/// <summary>What exits are counted by.</summary>
public enum ExitReason
{
    Cpuid,
    Io,
    Msr,

    /// <summary>A write to the trapped page of the local APIC.</summary>
    Apic,

    /// <summary>A touch of memory that is not the guest's.</summary>
    Foreign,
    Nmi,

    /// <summary>The firmware's System Management Mode had something to do.</summary>
    Smi,
    Hypercall,

    /// <summary>PAUSE or HLT of the firmware in a runtime service.</summary>
    Pause,

    /// <summary>It is in one for some time already.</summary>
    Time,
    VirtualizationInstruction,
    TripleFault,
    Init,
    Startup,
    ControlRegister,
    ExtendedControlRegister,
    CacheInvalidation,
    Other,
}

/// <summary>The words of the log.</summary>
public static class ExitReasonText
{
    public const int Count = (int)ExitReason.Other + 1;

    public static ReadOnlySpan<byte> Of(ExitReason reason) => reason switch
    {
        ExitReason.Cpuid => "CPUID"u8,
        ExitReason.Io => "IO"u8,
        ExitReason.Msr => "MSR"u8,
        ExitReason.Apic => "APIC"u8,
        ExitReason.Foreign => "FOREIGN"u8,
        ExitReason.Nmi => "NMI"u8,
        ExitReason.Smi => "SMI"u8,
        ExitReason.Hypercall => "HYPERCALL"u8,
        ExitReason.Pause => "PAUSE"u8,
        ExitReason.Time => "TIME"u8,
        ExitReason.VirtualizationInstruction => "VIRTUALIZATION"u8,
        ExitReason.TripleFault => "TRIPLE-FAULT"u8,
        ExitReason.Init => "INIT"u8,
        ExitReason.Startup => "STARTUP"u8,
        ExitReason.ControlRegister => "CR"u8,
        ExitReason.ExtendedControlRegister => "XSETBV"u8,
        ExitReason.CacheInvalidation => "INVD"u8,
        _ => "OTHER"u8,
    };
}

using System.Collections.Generic;
using Switcher.Runner.Flash;
using Switcher.Runner.Guests;

namespace Switcher.Runner.Emulators;

/// <summary>The machine to emulate.</summary>
/// <param name="Cpus">Number of CPUs.</param>
/// <param name="MemoryMiB">RAM in MiB.</param>
/// <param name="SystemDisk">Image of the disk that the firmware boots from.</param>
public sealed record MachineOptions(int Cpus, int MemoryMiB, string SystemDisk)
{
    /// <summary>How that disk is attached.</summary>
    public DiskTransport SystemTransport { get; init; } = DiskTransport.Ahci;

    /// <summary>The guests' own disks.</summary>
    public IReadOnlyList<AttachedDisk> Disks { get; init; } = [];

    /// <summary>The flash with the firmware's variables; null for an empty one of the machine's own. QEMU only.</summary>
    public FlashOptions? Flash { get; init; }

    /// <summary>Whether the host's CPU runs the machine (KVM) instead of a translator.</summary>
    public bool Accelerated { get; init; }

    /// <summary>Whether the machine has System Management Mode, and QEMU's firmware keeps its variables behind that.</summary>
    public bool HasSmm { get; init; }

    /// <summary>The CPU model with its features; null for the emulator's usual one.</summary>
    public string? CpuModel { get; init; }

    /// <summary>TCP port of the debugger stub, at which the machine waits before its first instruction; null for none.</summary>
    public int? DebuggerPort { get; init; }

    /// <summary>Arguments passed to the emulator as they are.</summary>
    public IReadOnlyList<string> ExtraArguments { get; init; } = [];
}

using System.Runtime.CompilerServices;
using Switcher.Tests.Stubs.Shared;

namespace Switcher.Tests.Guest.Cpus;

/// <summary>Where a processor is in its life.</summary>
internal enum CpuActivity
{
    /// <summary>Never started, or put to rest before a sleep.</summary>
    Off,

    /// <summary>A start-up interrupt is on its way.</summary>
    Starting,

    /// <summary>It takes commands.</summary>
    Online,
}

/// <summary>One processor. GS points to it, and it begins with its own address.</summary>
internal unsafe struct Cpu
{
    public Cpu* Self;

    /// <summary>0 for the boot processor.</summary>
    public uint Index;
    public uint ApicId;
    public CpuActivity Activity;

    /// <summary>What it found at its latest start.</summary>
    public FoundState Found;
    public FoundApic FoundApic;

    /// <summary>A call that may fault; see <see cref="Attempt"/>.</summary>
    public AttemptContext Attempt;

    /// <summary>What it is to do, null when it has nothing to do.</summary>
    public delegate*<Cpu*, ulong, ulong> Command;
    public ulong Argument;
    public ulong Result;

    // Interrupts that came, by kind.
    public uint TimerTicks;
    public uint PitTicks;
    public uint Calls;
    public uint Nmis;
    public uint Spurious;

    /// <summary>Interrupts with vectors that the guest never gave to anybody.</summary>
    public uint Strangers;
    public uint StrangeVector;

    public SegmentTables Segments;

    /// <summary>
    /// Tops of its stacks: for ordinary work, and for interrupts that must not trust it (NMI, double fault, machine check).
    /// </summary>
    public ulong StackTop;
    public ulong NmiStackTop;
    public ulong DoubleFaultStackTop;
    public ulong MachineCheckStackTop;

    /// <summary>The processor that executes this.</summary>
    public static Cpu* Current => (Cpu*)Stubs.CurrentCpu();

    /// <summary>Bytes of a processor's block: its structure in the first pages, its stacks behind.</summary>
    public const int BlockPages = 20;

    /// <summary>Makes a processor's block.</summary>
    public static Cpu* Create(uint index, uint apicId)
    {
        const ulong page = 4096;
        const ulong interruptStack = 2 * page;
        ulong block = Arena.Take(BlockPages);
        var cpu = (Cpu*)block;
        cpu->Self = cpu;
        cpu->Index = index;
        cpu->ApicId = apicId;
        cpu->NmiStackTop = block + page + interruptStack;
        cpu->DoubleFaultStackTop = cpu->NmiStackTop + interruptStack;
        cpu->MachineCheckStackTop = cpu->DoubleFaultStackTop + interruptStack;
        cpu->StackTop = block + (BlockPages * page);
        return cpu;
    }

    /// <summary>Size of the structure in bytes.</summary>
    public static int Size => Unsafe.SizeOf<Cpu>();
}

using System;
using Switcher.Boot.Memory;
using Switcher.Efi.Cpu;
using Switcher.Hv.Switch;
using Switcher.Stubs.Shared;

namespace Switcher.Efi.Loader;

/// <summary>
/// Page tables, GDT and IDT of a parked guest's first moments: what the firmware's mean, in memory that its map calls reserved
/// (UEFI 2.10, 2.3.4 "x64 Platforms": the state in which an OS loader finds the CPU).
/// </summary>
internal static unsafe class ParkStructures
{
    private const int CodeOffset = 0;
    private const int IdtOffset = 1024;
    private const int Gates = 32;
    private const int GateSize = 16;
    private const int GdtOffset = (int)PageSize.Small;

    /// <summary>Makes them in the running guest's partition.</summary>
    public static bool Create(out ParkContext context)
    {
        context = default;
        TableRegister gdtr;
        Instructions.Sgdt(&gdtr);
        ulong gdtLength = (ulong)gdtr.Limit + 1;
        var pages = (byte*)MemoryServices.Allocate(MemoryType.Reserved, GdtOffset + gdtLength);
        ulong root = IdentityMap.Create();
        if (pages == null || root == 0)
            return false;

        // SAFETY: the pages are ours; the GDT is where the CPU says.
        new Span<byte>(pages, GdtOffset).Clear();
        BootStubs.CopyPartitionCode(pages + CodeOffset);
        new ReadOnlySpan<byte>((void*)gdtr.Base, (int)gdtLength).CopyTo(new Span<byte>(pages + GdtOffset, (int)gdtLength));
        var idt = (ulong*)(pages + IdtOffset);
        for (int i = 0; i < Gates; i++)
            SetGate(idt + (2 * i), (ulong)(pages + CodeOffset + PartitionCode.Halt), Instructions.ReadCs());

        context.Cr3 = root;
        context.GdtBase = (ulong)(pages + GdtOffset);
        context.GdtLimit = gdtr.Limit;
        context.IdtBase = (ulong)idt;
        context.IdtLimit = (Gates * GateSize) - 1;
        return true;
    }

    /// <summary>A 64-bit interrupt gate (SDM vol. 3, 6.14.1 "64-Bit Mode IDT"; APM vol. 2, 4.8.4 "Gate Descriptors").</summary>
    private static void SetGate(ulong* gate, ulong handler, ushort selector)
    {
        const ulong PresentInterruptGate = 0x8E00UL << 32;
        gate[0] = (handler & 0xFFFF) | ((ulong)selector << 16) | PresentInterruptGate | ((handler & 0xFFFF_0000) << 32);
        gate[1] = handler >> 32;
    }
}

using System.Runtime.InteropServices;
using Switcher.Efi.Cpu;

namespace Switcher.Tests.Guest.Cpus;

/// <summary>64-bit task state segment: SDM vol. 3, figure 7-11.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct TaskState
{
    public uint Reserved0;
    public ulong Rsp0;
    public ulong Rsp1;
    public ulong Rsp2;
    public ulong Reserved1;
    public ulong Ist1;
    public ulong Ist2;
    public ulong Ist3;
    public ulong Ist4;
    public ulong Ist5;
    public ulong Ist6;
    public ulong Ist7;
    public ulong Reserved2;
    public ushort Reserved3;
    public ushort IoMapBase;
}

/// <summary>A processor's GDT and task state.</summary>
internal unsafe struct SegmentTables
{
    public const ushort CodeSelector = 0x08;
    public const ushort DataSelector = 0x10;
    private const ushort TaskSelector = 0x18;
    private const int Entries = 5;
    private const uint GsBase = 0xC000_0101;

    private fixed ulong _gdt[Entries];
    private TaskState _task;

    /// <summary>
    /// Loads all of it, and the IDT, on the processor that executes this. Also after a start or a wake: every register is anew.
    /// </summary>
    public static void Load(Cpu* cpu)
    {
        SegmentTables* tables = &cpu->Segments;
        tables->_task.Ist1 = cpu->NmiStackTop;
        tables->_task.Ist2 = cpu->DoubleFaultStackTop;
        tables->_task.Ist3 = cpu->MachineCheckStackTop;
        tables->_task.IoMapBase = (ushort)sizeof(TaskState);
        ulong task = (ulong)(&tables->_task);
        tables->_gdt[0] = 0;
        tables->_gdt[1] = 0x00AF_9B00_0000_FFFF;
        tables->_gdt[2] = 0x00CF_9300_0000_FFFF;

        // Available 64-bit TSS: SDM vol. 3, figure 7-4.
        tables->_gdt[3] = 0x0000_8900_0000_0000 | ((task & 0xFF00_0000) << 32) | ((task & 0xFF_FFFF) << 16)
            | ((ulong)sizeof(TaskState) - 1);
        tables->_gdt[4] = task >> 32;
        var descriptor = new TableDescriptor { Limit = (Entries * sizeof(ulong)) - 1, Base = (ulong)tables };
        Instructions.Lgdt(&descriptor);
        Instructions.WriteCs(CodeSelector);
        Instructions.WriteDs(DataSelector);
        Instructions.WriteEs(DataSelector);
        Instructions.WriteSs(DataSelector);
        Instructions.WriteFs(0);
        Instructions.WriteGs(0);
        Instructions.WriteMsr(GsBase, (ulong)cpu);
        Instructions.Lldt(0);
        Instructions.Ltr(TaskSelector);
        Interrupts.LoadTable();
    }
}

/// <summary>What LGDT and LIDT take.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 2)]
internal struct TableDescriptor
{
    public ushort Limit;
    public ulong Base;
}

using System.Runtime;
using System.Runtime.InteropServices;
using Switcher.Boot.Text;
using Switcher.Efi.Cpu;
using Switcher.Tests.Stubs.Shared;

namespace Switcher.Tests.Guest.Cpus;

/// <summary>
/// The interrupt table, and what the guest does with what comes. Its vectors depend on its seed, so that another guest's are strangers.
/// </summary>
internal static unsafe class Interrupts
{
    private const int Vectors = 256;
    private const byte Nmi = 2;
    private const byte DoubleFault = 8;
    private const byte MachineCheck = 18;
    private const byte PageFault = 14;
    private const byte FirstFree = 32;

    private static ulong* s_table;

    public static byte TimerVector => (byte)(Base + 0);

    public static byte PitVector => (byte)(Base + 1);

    /// <summary>Ends the wait of a processor that has nothing to do.</summary>
    public static byte CallVector => (byte)(Base + 2);

    public static byte SpuriousVector => (byte)(Base + 0xF);

    private static uint Base => 0x40 + (uint)((Options.Seed & 7) << 4);

    /// <summary>Builds the table: an interrupt gate for each vector (SDM vol. 3, figure 6-8).</summary>
    public static void Build()
    {
        const ulong interruptGate = 0x8E00_0000_0000;
        s_table = (ulong*)Arena.Take(1);
        ulong entries = Stubs.AddressOfInterruptEntries();
        for (ulong vector = 0; vector < Vectors; vector++)
        {
            ulong entry = entries + (vector * 8);
            ulong stack = vector switch
            {
                Nmi => 1,
                DoubleFault => 2,
                MachineCheck => 3,
                _ => 0,
            };
            s_table[2 * vector] = (entry & 0xFFFF) | ((ulong)SegmentTables.CodeSelector << 16) | (stack << 32) | interruptGate
                | ((entry & 0xFFFF_0000) << 32);
            s_table[(2 * vector) + 1] = entry >> 32;
        }
    }

    public static void LoadTable()
    {
        var descriptor = new TableDescriptor { Limit = (Vectors * 16) - 1, Base = (ulong)s_table };
        Instructions.Lidt(&descriptor);
    }

    [RuntimeExport("HandleInterrupt")]
    private static void Handle(InterruptFrame* frame)
    {
        Cpu* cpu = Cpu.Current;
        byte vector = (byte)frame->Vector;
        if (vector == Nmi)
            cpu->Nmis++;
        else if (vector < FirstFree)
            HandleException(cpu, frame);
        else if (vector == SpuriousVector)
            cpu->Spurious++;
        else
            HandleDevice(cpu, vector);
    }

    private static void HandleDevice(Cpu* cpu, byte vector)
    {
        if (vector == TimerVector)
            cpu->TimerTicks++;
        else if (vector == PitVector)
            cpu->PitTicks++;
        else if (vector == CallVector)
            cpu->Calls++;
        else
        {
            cpu->Strangers++;
            cpu->StrangeVector = vector;
        }

        LocalApic.Write(LocalApic.EndOfInterrupt, 0);
    }

    private static void HandleException(Cpu* cpu, InterruptFrame* frame)
    {
        if (Attempt.TryRecover(cpu, frame))
            return;
        LogLine line = Report.BeginBad("exception"u8);
        line.Number("vector"u8, frame->Vector);
        line.Number("cpu"u8, cpu->Index);
        line.Hex("rip"u8, frame->Rip);
        line.Hex("error"u8, frame->ErrorCode);
        line.Hex("rsp"u8, frame->Rsp);
        line.Hex("rflags"u8, frame->Rflags);
        if (frame->Vector == PageFault)
            line.Hex("cr2"u8, Instructions.ReadCr2());
        line.Hex("image"u8, Firmware.ImageRange.Start);
        line.WriteTo<DebugPort>();
        Program.Stop();
    }
}

using Switcher.Boot.Memory;
using Switcher.Efi.Cpu;
using Switcher.Stubs.Shared;

namespace Switcher.Efi.Host;

/// <summary>
/// The hypervisor's own descriptor tables, a set for each CPU: APM vol. 2, 4.8 Long-Mode Segment Descriptors, 8.9 Long-Mode Interrupt
/// Control Transfers, 12.2.5 64-Bit Task State Segment. Two pages: GDT and TSS in the first, the IDT in the second.
/// </summary>
internal static unsafe class HostTables
{
    public const int Pages = 2;

    private const ulong CodeDescriptor = 0x00AF_9B00_0000_FFFF;
    private const ulong DataDescriptor = 0x00CF_9300_0000_FFFF;
    private const ulong TaskOffset = 0x100;

    private const ulong TaskLimit = 0x67;
    private const int InterruptStackTableOffset = 0x24;
    private const int NmiVector = 2;
    private const int DoubleFaultVector = 8;
    private const int MachineCheckVector = 18;

    /// <summary>Fills the two pages.</summary>
    /// <param name="tables">The pages.</param>
    /// <param name="nmiStack">Top of the stack for non-maskable interrupts.</param>
    /// <param name="faultStack">Top of the stack for double faults and machine checks, which may come when the ordinary stack is
    /// broken.</param>
    /// <param name="imageDelta">From this image to the copy whose handlers the gates lead to.</param>
    public static void Build(HostPhysicalAddress tables, ulong nmiStack, ulong faultStack, ulong imageDelta)
    {
        // SAFETY: both pages are ours and zero.
        ulong* gdt = (ulong*)tables.Value;
        ulong task = tables.Value + TaskOffset;
        gdt[HostGates.CodeSelector / 8] = CodeDescriptor;
        gdt[HostGates.DataSelector / 8] = DataDescriptor;
        gdt[HostGates.TaskSelector / 8] = TaskLimit | ((task & 0xFF_FFFF) << 16) | (0x89UL << 40) | ((task & 0xFF00_0000) << 32);
        gdt[(HostGates.TaskSelector / 8) + 1] = task >> 32;
        *(ulong*)(task + InterruptStackTableOffset) = nmiStack;
        *(ulong*)(task + InterruptStackTableOffset + 8) = faultStack;

        ulong* idt = (ulong*)(tables.Value + PageSize.Small);
        for (int vector = 0; vector < 256; vector++)
        {
            int stack = vector switch
            {
                NmiVector => 1,
                DoubleFaultVector or MachineCheckVector => 2,
                _ => 0,
            };
            SetGate(idt + (2 * vector), HandlerOf(vector) + imageDelta, stack);
        }
    }

    /// <summary>Loads them on the CPU that executes this.</summary>
    public static void Load(HostPhysicalAddress tables, ulong cr3, ulong cr4)
    {
        var gdtr = new TableRegister { Limit = (ushort)(PageSize.Small - 1), Base = tables.Value };
        var idtr = new TableRegister { Limit = 0xFFF, Base = tables.Value + PageSize.Small };
        // A CPU that was here before left its task busy; LTR wants an available one.
        *(ulong*)(tables.Value + HostGates.TaskSelector) &= ~(2UL << 40);
        HostStubs.LoadHostTables(&gdtr, &idtr, cr3, cr4);
    }

    private static ulong HandlerOf(int vector)
    {
        if (vector == NmiVector)
            return HostStubs.AddressOfHostNmi();
        return vector < HostGates.Exceptions
            ? HostStubs.AddressOfHostExceptions() + (ulong)(vector * HostGates.ExceptionStride)
            : HostStubs.AddressOfHostInterrupt();
    }

    /// <summary>An interrupt gate of privilege 0: APM vol. 2, 4.8.4 Gate Descriptors.</summary>
    private static void SetGate(ulong* gate, ulong handler, int stack)
    {
        const ulong Selector = (ulong)HostGates.CodeSelector << 16;
        gate[0] = (handler & 0xFFFF) | Selector | ((ulong)stack << 32) | (0x8EUL << 40) | ((handler & 0xFFFF_0000) << 32);
        gate[1] = handler >> 32;
    }
}

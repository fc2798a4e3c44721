using System;
using Iced.Intel;
using Switcher.Build;
using Switcher.Tests.Stubs.Shared;
using static Iced.Intel.AssemblerRegisters;

namespace Switcher.Tests.Stubs;

/// <summary>
/// The test guest's code below 1 MiB, from real mode to 64-bit mode, for processors that start and for the boot processor that wakes. It
/// first writes down the state that it finds. Its page is followed by a second one with room for what it writes.
/// </summary>
internal static class GuestTrampoline
{
    private static readonly int s_counter = Layout<TrampolineParameters>.Offset((ref parameters) => ref parameters.Counter);
    private static readonly int s_gdtDescriptor = Layout<TrampolineParameters>.Offset((ref parameters) => ref parameters.GdtLimit);
    private static readonly int s_farPointer = Layout<TrampolineParameters>.Offset((ref parameters) => ref parameters.LongEntry);
    private static readonly int s_cr3Value = Layout<TrampolineParameters>.Offset((ref parameters) => ref parameters.Cr3);
    private static readonly int s_stacks = Layout<TrampolineParameters>.Offset((ref parameters) => ref parameters.Stacks);
    private static readonly int s_function = Layout<TrampolineParameters>.Offset((ref parameters) => ref parameters.Function);
    private static readonly int s_wakeEsp = Layout<TrampolineParameters>.Offset((ref parameters) => ref parameters.WakeEsp);
    private const int Parameters = 0x10;
    private const int WakeEntry = 0x40;
    private const int CommonEntry = 0x60;
    private const int LongEntry = 0x200;
    private const int Length = 0x280;

    // Records follow the second page's first 128 bytes, one of 128 bytes for each processor in the order of arrival.
    private const int Records = 0x1080;
    private const int RecordShift = 7;
    private static readonly int s_recordEnd = Layout<FoundState>.Size;

    private const int Efer = unchecked((int)0xC000_0080);

    public static void Define(StubBuilder stubs)
    {
        stubs.Constant("TrampolineCode", Assemble());
        stubs.Function("AddressOfTrampolineCode", a =>
        {
            a.lea(rax, __[a.Symbol("TrampolineCode")]);
            a.ret();
        });
    }

    private static int Found<T>(Layout<FoundState>.Field<T> field) => Layout<FoundState>.Offset(field);

    private static byte[] Assemble()
    {
        byte[] code = new byte[Length];
        Place(code, 0, ProcessorStart(), Parameters);
        Place(code, WakeEntry, Wake(), CommonEntry);
        Place(code, CommonEntry, Common(), LongEntry);
        Place(code, LongEntry, LongMode(), Length);
        return code;
    }

    private static void Place(byte[] code, int offset, byte[] part, int limit)
    {
        if (offset + part.Length > limit)
            throw new InvalidOperationException($"{part.Length} bytes do not fit at {offset:x}");
        part.CopyTo(code, offset);
    }

    // CS is the page; nothing else is known. Processors arrive in any order, even at once: the counter gives each a record; only ESP is
    // lost.
    private static byte[] ProcessorStart() => StubBuilder.Blob(16, 0, TakeRecord);

    private static byte[] Wake() => StubBuilder.Blob(16, WakeEntry, a =>
    {
        a.mov(__dword_ptr.cs[s_wakeEsp], esp);
        TakeRecord(a);
    });

    private static void TakeRecord(StubAssembler a)
    {
        a.mov(esp, 1);
        a.@lock.xadd(__dword_ptr.cs[s_counter], esp);
        a.jmp(CommonEntry);
    }

    private static byte[] Common() => StubBuilder.Blob(16, CommonEntry, a =>
    {
        a.shl(esp, RecordShift);
        WriteRecord(a);
        Activate(a);
    });

    private static void WriteRecord(StubAssembler a)
    {
        AssemblerRegister32[] general = [eax, ebx, ecx, edx, esi, edi, ebp];
        for (int i = 0; i < general.Length; i++)
            a.mov(__dword_ptr.cs[esp + (Records + Found((ref state) => ref state.Eax) + 4 * i)], general[i]);
        AssemblerRegisterCR[] control = [cr0, cr2, cr3, cr4];
        for (int i = 0; i < control.Length; i++)
        {
            a.mov(eax, control[i]);
            a.mov(__dword_ptr.cs[esp + (Records + Found((ref state) => ref state.Cr0) + 4 * i)], eax);
        }

        a.mov(ecx, Efer);
        a.rdmsr();
        a.mov(__dword_ptr.cs[esp + (Records + Found((ref state) => ref state.Efer))], eax);
        a.mov(__dword_ptr.cs[esp + (Records + Found((ref state) => ref state.Efer) + 4)], edx);
        a.mov(eax, dr6);
        a.mov(__dword_ptr.cs[esp + (Records + Found((ref state) => ref state.Dr6))], eax);
        a.mov(eax, dr7);
        a.mov(__dword_ptr.cs[esp + (Records + Found((ref state) => ref state.Dr7))], eax);
        AssemblerRegisterSegment[] segments = [cs, ds, es, ss, fs, gs];
        for (int i = 0; i < segments.Length; i++)
            a.mov(__word_ptr.cs[esp + (Records + Found((ref state) => ref state.Cs) + 2 * i)], segments[i]);
        AssemblerMemoryOperand gdt = __fword_ptr.cs[esp + (Records + Found((ref state) => ref state.GdtLimit))];
        a.AddInstruction(Instruction.Create(Code.Sgdt_m1632, gdt.ToMemoryOperand(16)));
        AssemblerMemoryOperand idt = __fword_ptr.cs[esp + (Records + Found((ref state) => ref state.IdtLimit))];
        a.AddInstruction(Instruction.Create(Code.Sidt_m1632, idt.ToMemoryOperand(16)));

        // The record's end serves as a stack for EFLAGS.
        a.mov(ebx, esp);
        a.mov(ax, cs);
        a.mov(ds, ax);
        a.mov(ss, ax);
        a.add(esp, Records + s_recordEnd);
        a.pushfd();
        a.pop(eax);
        a.mov(__dword_ptr[ebx + (Records + Found((ref state) => ref state.Eflags))], eax);
        a.cld();
    }

    // SDM vol. 3, 9.8.5 "Initializing IA-32e Mode", in one step from real mode. EBX is the record's offset from the first.
    private static void Activate(StubAssembler a)
    {
        const int physicalAddressExtensionAndSse = 0x620;
        const int longModeAndNoExecute = 0x900;
        const int protectionPagingAndCaches = unchecked((int)0x8001_0033);
        a.AddInstruction(Instruction.Create(Code.Lgdt_m1632, (__fword_ptr[s_gdtDescriptor]).ToMemoryOperand(16)));
        a.mov(eax, physicalAddressExtensionAndSse);
        a.mov(cr4, eax);
        a.mov(eax, __dword_ptr[s_cr3Value]);
        a.mov(cr3, eax);
        a.mov(ecx, Efer);
        a.mov(eax, longModeAndNoExecute);
        a.xor(edx, edx);
        a.wrmsr();
        a.mov(eax, protectionPagingAndCaches);
        a.mov(cr0, eax);
        a.jmp(__fword_ptr[s_farPointer]);
    }

    // RSI the page, RDX the record, ECX its number: RCX and RDX are the function's arguments.
    private static byte[] LongMode() => StubBuilder.Blob(64, LongEntry, a =>
    {
        const int dataSelector = 0x10;
        Label start = a.CreateLabel();
        a.Label(ref start);
        a.mov(eax, dataSelector);
        a.mov(ds, ax);
        a.mov(es, ax);
        a.mov(ss, ax);
        a.mov(fs, ax);
        a.mov(gs, ax);
        a.mov(ebx, ebx);
        a.lea(rsi, __[start]);
        a.sub(rsi, LongEntry);
        a.lea(rdx, __[rsi + rbx + Records]);
        a.fnstcw(__word_ptr[rdx + Found((ref state) => ref state.FpuControlWord)]);
        a.fnstsw(__word_ptr[rdx + Found((ref state) => ref state.FpuStatusWord)]);
        a.stmxcsr(__dword_ptr[rdx + Found((ref state) => ref state.Mxcsr)]);
        a.fninit();
        a.mov(ecx, ebx);
        a.shr(ecx, RecordShift);
        a.mov(rax, __[rsi + s_stacks]);
        a.mov(rsp, __[rax + rcx * 8]);
        a.mov(rax, __[rsi + s_function]);
        a.xor(ebp, ebp);
        a.sub(rsp, 32);
        a.call(rax);
        a.int3();
    });
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using Iced.Intel;
using Switcher.Build;
using static Iced.Intel.AssemblerRegisters;

namespace Switcher.Tests.Efi;

/// <summary>Calls machine code as Microsoft's x64 calling convention has it, and shows what it does to the registers.</summary>
internal sealed unsafe class NativeCall : IDisposable
{
    /// <summary>CF, PF, AF, ZF, SF, DF and OF.</summary>
    public const ulong Flags = 0xCD5;

    private const int Parameters = 5;

    // Microsoft x64 calling convention, "Callee saved registers".
    private static readonly AssemblerRegister64[] s_kept = [rbx, rbp, rsi, rdi, r12, r13, r14, r15];

    private readonly NativeMemory _memory = new(4096);

    public NativeCall() => Code().CopyTo(_memory.Bytes);

    private enum Field
    {
        Entry,
        Arguments,
        Shift = Arguments + Parameters,
        FlagsBefore,
        FlagsAfter,
        RspBefore,
        RspAfter,
        RspOfCaller,
        Result,
        Before,
        After = Before + 8,
        Count = After + 8,
    }

    /// <summary>Bytes that the stack is off a multiple of 16 at the call.</summary>
    public ulong Shift { get; set; }

    public ulong FlagsBefore { get; set; }

    public ulong FlagsAfter => Fields[(int)Field.FlagsAfter];

    public ulong RspBefore => Fields[(int)Field.RspBefore];

    public ulong RspAfter => Fields[(int)Field.RspAfter];

    public IReadOnlyList<ulong> Kept => Fields.Slice((int)Field.After, s_kept.Length).ToArray();

    /// <summary>What <see cref="Kept"/> is if all are preserved.</summary>
    public static IReadOnlyList<ulong> KeptBefore { get; } = [.. s_kept.Select((_, i) => 0x1111_1111_1111_1111UL * (ulong)(i + 1))];

    private Span<ulong> Fields => MemoryMarshal.Cast<byte, ulong>(_memory.Bytes)[..(int)Field.Count];

    public ulong Invoke(ulong entry, ReadOnlySpan<ulong> arguments)
    {
        Fields.Fill(0xEEEE_EEEE_EEEE_EEEE);
        Fields[(int)Field.Entry] = entry;
        Fields.Slice((int)Field.Arguments, Parameters).Clear();
        arguments.CopyTo(Fields[(int)Field.Arguments..]);
        Fields[(int)Field.Shift] = Shift;
        Fields[(int)Field.FlagsBefore] = FlagsBefore;
        for (int i = 0; i < s_kept.Length; i++)
            Fields[(int)Field.Before + i] = KeptBefore[i];

        // SAFETY: the code below, which keeps what the caller's convention says, whatever it calls does with the registers but RSP.
        ((delegate* unmanaged<void>)(_memory.Start + ((ulong)Field.Count * sizeof(ulong))))();
        return Fields[(int)Field.Result];
    }

    public void Dispose() => _memory.Dispose();

    private static byte[] Code() => StubBuilder.Blob(64, 0, a =>
    {
        var labels = new Label[(int)Field.Count];
        for (int i = 0; i < labels.Length; i++)
        {
            labels[i] = a.CreateLabel();
            a.Label(ref labels[i]);
            a.dq(0);
        }

        AssemblerMemoryOperand At(Field field, int index = 0) => __qword_ptr[labels[(int)field + index]];

        // System V ABI, "Registers": the caller's.
        AssemblerRegister64[] saved = [rbx, rbp, r12, r13, r14, r15];
        foreach (AssemblerRegister64 register in saved)
            a.push(register);
        a.mov(At(Field.RspOfCaller), rsp);
        a.and(rsp, -16);
        a.sub(rsp, 0x40);
        a.sub(rsp, At(Field.Shift));
        a.mov(rcx, At(Field.Arguments));
        a.mov(rdx, At(Field.Arguments, 1));
        a.mov(r8, At(Field.Arguments, 2));
        a.mov(r9, At(Field.Arguments, 3));
        a.mov(rax, At(Field.Arguments, 4));
        a.mov(__[rsp + 0x20], rax);
        for (int i = 0; i < s_kept.Length; i++)
            a.mov(s_kept[i], At(Field.Before, i));
        a.mov(At(Field.RspBefore), rsp);
        a.push(At(Field.FlagsBefore));
        a.popfq();
        a.call(At(Field.Entry));
        a.pushfq();
        a.pop(At(Field.FlagsAfter));
        a.cld();
        a.mov(At(Field.RspAfter), rsp);
        a.mov(At(Field.Result), rax);
        for (int i = 0; i < s_kept.Length; i++)
            a.mov(At(Field.After, i), s_kept[i]);
        a.mov(rsp, At(Field.RspOfCaller));
        foreach (AssemblerRegister64 register in saved.Reverse())
            a.pop(register);
        a.ret();
    });
}

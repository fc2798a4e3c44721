using System.Runtime.InteropServices;
using Switcher.Efi.Cpu;
using Switcher.Tests.Stubs.Shared;

namespace Switcher.Tests.Guest.Cpus;

/// <summary>How an attempt ended.</summary>
internal readonly struct Outcome
{
    private const int None = -1;

    private readonly int _vector;

    public Outcome(int vector, ulong value)
    {
        _vector = vector;
        Value = value;
    }

    /// <summary>What the call gave.</summary>
    public ulong Value { get; }

    public bool IsInvalidOpcode => _vector == 6;

    public bool IsGeneralProtection => _vector == 13;

    public bool IsPageFault => _vector == 14;

    public bool IsDone => _vector == None;

    /// <summary>The exception's vector; 256 if there was none.</summary>
    public uint Vector => IsDone ? 256 : (uint)_vector;
}

/// <summary>Calls that may fault.</summary>
internal static unsafe class Attempt
{
    private const int None = -1;

    /// <summary>Executes one instruction.</summary>
    public static Outcome Execute(Misbehaviour.GuestInstruction instruction, ulong operand)
        => Run(Stubs.AddressOfExecute(), (ulong)instruction, operand);

    public static Outcome ReadMsr(uint register)
    {
        delegate* unmanaged<ulong, ulong, ulong> read = &ReadMsr;
        return Run(read, register, 0);
    }

    public static Outcome WriteMsr(uint register, ulong value)
    {
        delegate* unmanaged<ulong, ulong, ulong> write = &WriteMsr;
        return Run(write, register, value);
    }

    /// <summary>Calls whatever is at an address.</summary>
    public static Outcome Jump(ulong address) => Run((void*)address, 0, 0);

    /// <summary>Calls any function of two arguments.</summary>
    public static Outcome Run(void* function, ulong first, ulong second)
    {
        Cpu* cpu = Cpu.Current;
        bool faulted = Stubs.Attempt(function, first, second, &cpu->Attempt) != 0;
        return new Outcome(faulted ? cpu->Attempt.Vector : None, faulted ? 0 : cpu->Attempt.Result);
    }

    /// <summary>Goes on behind the attempt that was interrupted by an exception, if it was one.</summary>
    public static bool TryRecover(Cpu* cpu, InterruptFrame* frame)
    {
        if (cpu->Attempt.Rsp == 0)
            return false;
        cpu->Attempt.Vector = (byte)frame->Vector;
        cpu->Attempt.ErrorCode = frame->ErrorCode;
        frame->Rip = cpu->Attempt.Recovery;
        frame->Rsp = cpu->Attempt.Rsp;
        cpu->Attempt.Rsp = 0;
        return true;
    }

    [UnmanagedCallersOnly]
    private static ulong ReadMsr(ulong register, ulong ignored) => Instructions.ReadMsr((uint)register);

    [UnmanagedCallersOnly]
    private static ulong WriteMsr(ulong register, ulong value)
    {
        Instructions.WriteMsr((uint)register, value);
        return 0;
    }
}

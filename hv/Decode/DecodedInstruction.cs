namespace Switcher.Hv.Decode;

/// <summary>How a processor reads code: the size of a code segment's operands and addresses, and what REX means.</summary>
public enum CodeSize : byte
{
    /// <summary>Real mode, virtual-8086 mode, or a code segment with D = 0.</summary>
    Bits16,

    /// <summary>A code segment with D = 1.</summary>
    Bits32,

    /// <summary>A code segment with L = 1.</summary>
    Bits64,
}

public enum DecodeStatus : byte
{
    Ok,

    /// <summary>The instruction goes on after the bytes given.</summary>
    Truncated,

    /// <summary>No processor that we know executes this.</summary>
    Invalid,
}

/// <summary>What an instruction does with its operand in memory.</summary>
public enum InstructionKind : byte
{
    /// <summary>Has no operand in memory, or does something else with it.</summary>
    Other,

    /// <summary>Writes the source, and nothing else happens.</summary>
    Store,

    /// <summary>
    /// Writes something that is not told here (a vector, a segment selector, a flag), and nothing else happens: passing over it is enough
    /// to drop it.
    /// </summary>
    OpaqueStore,

    /// <summary>Combines memory with the source by the operation, writes the result back and sets the flags.</summary>
    ReadModifyWrite,

    /// <summary>XCHG: the source register and memory change places.</summary>
    Exchange,

    /// <summary>STOS: writes the accumulator at ES:rDI, and moves rDI; repeated rCX times with a prefix.</summary>
    StringStore,

    /// <summary>MOVS: reads at DS:rSI (or another segment), writes at ES:rDI, and moves both; repeated rCX times with a prefix.</summary>
    StringMove,
}

/// <summary>The operation of an <see cref="InstructionKind.ReadModifyWrite"/>. The first eight are in the order of their opcodes.</summary>
public enum Operation : byte
{
    Add,
    Or,
    Adc,
    Sbb,
    And,
    Sub,
    Xor,

    /// <summary>Never the operation of a decoded instruction: CMP writes nothing.</summary>
    Compare,
    Inc,
    Dec,
    Not,
    Neg,
}

/// <summary>An instruction as far as the hypervisor needs to know it.</summary>
public struct DecodedInstruction
{
    /// <summary>In bytes, 1 to 15.</summary>
    public byte Length;

    public InstructionKind Kind;

    /// <summary>For <see cref="InstructionKind.ReadModifyWrite"/>.</summary>
    public Operation Operation;

    /// <summary>
    /// How much memory is touched (each time, for strings): 1, 2, 4 or 8 bytes. 0 for the kinds that say nothing of their operand.
    /// </summary>
    public byte OperandSize;

    /// <summary>The size of addresses, and of the counter and index registers of strings: 2, 4 or 8 bytes.</summary>
    public byte AddressSize;

    /// <summary>Whether the source is <see cref="Immediate"/> and not <see cref="Register"/>.</summary>
    public bool IsImmediate;

    /// <summary>The general register by its number (0 is rAX, 15 is R15) that is the source.</summary>
    public byte Register;

    /// <summary>
    /// Whether the register means AH, CH, DH or BH, and <see cref="Register"/> is the one (0 to 3) of which that is a part.
    /// </summary>
    public bool IsHighByte;

    /// <summary>
    /// The source if <see cref="IsImmediate"/>, sign-extended from how it is encoded. Only the operand's size of it counts.
    /// </summary>
    public ulong Immediate;

    /// <summary>A REP or REPNE prefix, which mean the same for the two string kinds.</summary>
    public bool IsRepeated;

    /// <summary>A LOCK prefix.</summary>
    public bool IsLocked;
}

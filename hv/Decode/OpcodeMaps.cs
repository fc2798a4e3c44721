using System;

namespace Switcher.Hv.Decode;

/// <summary>
/// What follows an opcode: SDM vol. 2, appendix A "Opcode Map", Tables; APM vol. 3, appendix A "Opcode and Operand Encodings".
/// Maps 0F 38 and 0F 3A need no table: a ModRM byte follows each opcode, and in 0F 3A a byte more.
/// </summary>
internal static class OpcodeMaps
{
    /// <summary>A ModRM byte, with its SIB byte and displacement.</summary>
    public const byte ModRm = 0x80;

    /// <summary>Not in 64-bit mode.</summary>
    public const byte Legacy = 0x40;

    /// <summary>What else: one of the following.</summary>
    public const byte TailMask = 0x0F;

    public const byte None = 0;
    public const byte Imm8 = 1;
    public const byte Imm16 = 2;

    /// <summary>16 or 32 bits, by the operand size.</summary>
    public const byte ImmZ = 3;

    /// <summary>16, 32 or 64 bits, by the operand size.</summary>
    public const byte ImmV = 4;

    /// <summary>
    /// A branch's displacement: as <see cref="ImmZ"/>, but 32 bits in 64-bit mode. (AMD's processors heed an operand-size prefix there;
    /// compilers emit none.)
    /// </summary>
    public const byte Branch = 5;

    /// <summary>An address, by the address size.</summary>
    public const byte Offset = 6;

    /// <summary>A far pointer: an offset by the operand size and a selector.</summary>
    public const byte Far = 7;

    /// <summary>ENTER: 16 and 8 bits.</summary>
    public const byte Enter = 8;

    /// <summary>Group 3: an immediate for TEST only, of 8 bits.</summary>
    public const byte Test8 = 9;

    /// <summary>Group 3: an immediate for TEST only, by the operand size.</summary>
    public const byte TestZ = 10;

    /// <summary>MOV to and from control and debug registers: the ModRM byte names registers, whatever its mod field says.</summary>
    public const byte Control = 11;

    /// <summary>0F 78: EXTRQ and INSERTQ have two bytes more, VMREAD none.</summary>
    public const byte Extract = 12;

    public const byte Invalid = 15;

    private const byte M = ModRm;
    private const byte M1 = ModRm | Imm8;
    private const byte Mz = ModRm | ImmZ;
    private const byte L = Legacy;
    private const byte LM = Legacy | ModRm;
    private const byte L1 = Legacy | Imm8;
    private const byte LF = Legacy | Far;
    private const byte C = ModRm | Control;
    private const byte X = Invalid;
    private const byte I8 = Imm8;
    private const byte Iz = ImmZ;
    private const byte Iv = ImmV;
    private const byte Jz = Branch;
    private const byte Of = Offset;
    private const byte T8 = ModRm | Test8;
    private const byte Tz = ModRm | TestZ;

    /// <summary>The one-byte opcodes. Prefixes and escapes are taken before this is looked at.</summary>
    public static ReadOnlySpan<byte> OneByte =>
    [
        M, M, M, M, I8, Iz, L, L, M, M, M, M, I8, Iz, L, X,
        M, M, M, M, I8, Iz, L, L, M, M, M, M, I8, Iz, L, L,
        M, M, M, M, I8, Iz, X, L, M, M, M, M, I8, Iz, X, L,
        M, M, M, M, I8, Iz, X, L, M, M, M, M, I8, Iz, X, L,
        L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        L, L, LM, M, X, X, X, X, Iz, Mz, I8, M1, 0, 0, 0, 0,
        I8, I8, I8, I8, I8, I8, I8, I8, I8, I8, I8, I8, I8, I8, I8, I8,
        M1, Mz, LM | I8, M1, M, M, M, M, M, M, M, M, M, M, M, M,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, LF, 0, 0, 0, 0, 0,
        Of, Of, Of, Of, 0, 0, 0, 0, I8, Iz, 0, 0, 0, 0, 0, 0,
        I8, I8, I8, I8, I8, I8, I8, I8, Iv, Iv, Iv, Iv, Iv, Iv, Iv, Iv,
        M1, M1, Imm16, 0, LM, LM, M1, Mz, Enter, 0, Imm16, 0, 0, I8, L, 0,
        M, M, M, M, L1, L1, L, 0, M, M, M, M, M, M, M, M,
        I8, I8, I8, I8, I8, I8, I8, I8, Jz, Jz, LF, I8, 0, 0, 0, 0,
        X, 0, X, X, 0, 0, T8, Tz, 0, 0, 0, 0, 0, 0, M, M,
    ];

    /// <summary>The opcodes after 0F.</summary>
    public static ReadOnlySpan<byte> TwoByte =>
    [
        M, M, M, M, X, 0, 0, 0, 0, 0, X, 0, X, M, 0, M1,
        M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
        C, C, C, C, X, X, X, X, M, M, M, M, M, M, M, M,
        0, 0, 0, 0, 0, 0, X, 0, X, X, X, X, X, X, X, X,
        M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
        M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
        M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
        M1, M1, M1, M1, M, M, M, 0, M | Extract, M, X, X, M, M, M, M,
        Jz, Jz, Jz, Jz, Jz, Jz, Jz, Jz, Jz, Jz, Jz, Jz, Jz, Jz, Jz, Jz,
        M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
        0, 0, 0, M, M1, M, M, M, 0, 0, 0, M, M1, M, M, M,
        M, M, M, M, M, M, M, M, M, M, M1, M, M, M, M, M,
        M, M, M1, M, M1, M1, M1, M, 0, 0, 0, 0, 0, 0, 0, 0,
        M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
        M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
        M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M,
    ];
}

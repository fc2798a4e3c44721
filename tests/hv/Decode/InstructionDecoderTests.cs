using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Iced.Intel;
using Switcher.Hv.Decode;
using Xunit;
using CodeSize = Switcher.Hv.Decode.CodeSize;

namespace Switcher.Tests.Hv.Decode;

public sealed class InstructionDecoderTests
{
    [Theory]
    [InlineData(CodeSize.Bits16)]
    [InlineData(CodeSize.Bits32)]
    [InlineData(CodeSize.Bits64)]
    public void TryDecode_EveryOpcode_AgreesWithIced(CodeSize codeSize)
    {
        HashSet<Code> seen = [];
        Random random = new(20240229);
        foreach (byte[] bytes in Corpus.Legacy(random).Concat(Corpus.Vector(random)))
        {
            if (CheckAgreement(bytes, codeSize) is Code code)
                seen.Add(code);
        }

        // The corpus is no good if it does not meet nearly all instructions of the mode.
        Code[] all = [.. Enum.GetValues<Code>().Where(c => IsOrdinary(c.ToOpCode(), codeSize))];
        Code[] missed = [.. all.Except(seen)];
        Assert.True(missed.Length < all.Length / 40, $"{missed.Length} of {all.Length} not met: {string.Join(' ', missed.Take(60))}");
    }

    [Theory]
    [InlineData(CodeSize.Bits16)]
    [InlineData(CodeSize.Bits32)]
    [InlineData(CodeSize.Bits64)]
    public void TryDecode_RandomBytes_AgreesWithIced(CodeSize codeSize)
    {
        int valid = 0;
        foreach (byte[] bytes in Corpus.Random(new Random(19700101), 300_000))
            valid += CheckAgreement(bytes, codeSize) is null ? 0 : 1;
        Assert.True(valid > 100_000, $"{valid}");
    }

    [Theory]
    [InlineData(CodeSize.Bits16)]
    [InlineData(CodeSize.Bits32)]
    [InlineData(CodeSize.Bits64)]
    public void TryDecode_InstructionsOfIcedsEncoder_HaveTheirLengths(CodeSize codeSize)
    {
        Random random = new(4711);
        int encoded = 0;
        foreach (byte[] bytes in Corpus.Legacy(random).Concat(Corpus.Vector(random)).Where(_ => random.Next(8) == 0))
        {
            if (!IcedOracle.TryDecode(bytes, codeSize, out Instruction instruction))
                continue;
            using MemoryStream stream = new();
            Encoder encoder = Encoder.Create(8 << (int)codeSize << 1, new StreamCodeWriter(stream));
            if (!encoder.TryEncode(instruction, 0, out uint length, out _))
                continue;
            encoded++;
            Assert.Equal(DecodeStatus.Ok, InstructionDecoder.TryDecode(stream.ToArray(), codeSize, out DecodedInstruction ours));
            Assert.Equal(length, ours.Length);
        }

        Assert.True(encoded > 30_000, $"{encoded}");
    }

    [Fact]
    public void TryDecode_CutInstruction_IsTruncated()
    {
        foreach (byte[] bytes in Corpus.Random(new Random(42), 20_000))
        {
            if (InstructionDecoder.TryDecode(bytes, CodeSize.Bits64, out DecodedInstruction whole) != DecodeStatus.Ok)
                continue;
            for (int length = 0; length < whole.Length; length++)
                Assert.Equal(DecodeStatus.Truncated, InstructionDecoder.TryDecode(bytes.AsSpan(0, length), CodeSize.Bits64, out _));
        }
    }

    [Fact]
    public void TryDecode_SixteenBytes_IsInvalid()
    {
        byte[] bytes = [.. Enumerable.Repeat((byte)0x66, 15), 0x90];
        Assert.Equal(DecodeStatus.Invalid, InstructionDecoder.TryDecode(bytes, CodeSize.Bits64, out _));
        Assert.Equal(DecodeStatus.Ok, InstructionDecoder.TryDecode(bytes.AsSpan(1), CodeSize.Bits64, out DecodedInstruction instruction));
        Assert.Equal(15, instruction.Length);
    }

    [Theory]
    [InlineData(new byte[] { 0x06 })]
    [InlineData(new byte[] { 0x0F, 0x04 })]
    [InlineData(new byte[] { 0x66, 0xC5, 0xF8, 0x77 })]
    [InlineData(new byte[] { 0xC4, 0xE7, 0x78, 0x10, 0xC0 })]
    [InlineData(new byte[] { 0x62, 0xF4, 0x7C, 0x08, 0x10, 0xC0 })]
    public void TryDecode_NoInstruction_IsInvalid(byte[] bytes) =>
        Assert.Equal(DecodeStatus.Invalid, InstructionDecoder.TryDecode(bytes, CodeSize.Bits64, out _));

    private static bool IsOrdinary(OpCodeInfo opcode, CodeSize codeSize) =>
        opcode.IsInstruction
        && opcode.DecoderOption == DecoderOptions.None
        && opcode.Encoding != EncodingKind.MVEX
        && !opcode.Fwait
        && (opcode.IntelDecoder64 || codeSize != CodeSize.Bits64)
        && codeSize switch { CodeSize.Bits16 => opcode.Mode16, CodeSize.Bits32 => opcode.Mode32, _ => opcode.Mode64 };

    /// <summary>Compares the two decoders, and returns the instruction if Iced knows one.</summary>
    private static Code? CheckAgreement(byte[] bytes, CodeSize codeSize)
    {
        DecodeStatus status = InstructionDecoder.TryDecode(bytes, codeSize, out DecodedInstruction ours);
        if (!IcedOracle.TryDecode(bytes, codeSize, out Instruction theirs))
            return null;

        if (status != DecodeStatus.Ok || ours.Length != theirs.Length || ours.Kind != IcedOracle.KindOf(theirs)
            || !SameOperands(ours, theirs))
            Assert.Fail($"{codeSize} {Convert.ToHexString(bytes)} {theirs} ({theirs.Code}): {status} {ours.Kind} "
                + $"{ours.Operation} length {ours.Length}, "
                + $"operand {ours.OperandSize}, address {ours.AddressSize}, register {ours.Register}, immediate {ours.Immediate:x}");
        return theirs.Code;
    }

    private static bool SameOperands(in DecodedInstruction ours, in Instruction theirs)
    {
        switch (ours.Kind)
        {
            case InstructionKind.Store or InstructionKind.ReadModifyWrite or InstructionKind.Exchange:
                return ours.OperandSize == theirs.MemorySize.GetSize() && SameSource(ours, theirs) && SameOperation(ours, theirs)
                    && SameAddress(ours, theirs);
            case InstructionKind.StringStore or InstructionKind.StringMove:
                return ours.OperandSize == theirs.MemorySize.GetSize()
                    && ours.IsRepeated == (theirs.HasRepPrefix || theirs.HasRepnePrefix)
                    && ours.AddressSize == theirs.Op0Kind switch { OpKind.MemoryESDI => 2, OpKind.MemoryESEDI => 4, _ => 8 };
            default:
                return ours.OperandSize == 0;
        }
    }

    private static bool SameSource(in DecodedInstruction ours, in Instruction theirs)
    {
        if (theirs.OpCount == 1)
            return ours.IsImmediate;
        if (theirs.Op1Kind == OpKind.Register)
            return !ours.IsImmediate && (ours.Register, ours.IsHighByte) == IcedOracle.Number(theirs.Op1Register);
        ulong mask = ours.OperandSize == 8 ? ulong.MaxValue : (1UL << (8 * ours.OperandSize)) - 1;
        return ours.IsImmediate && ((ours.Immediate ^ theirs.GetImmediate(1)) & mask) == 0;
    }

    private static bool SameOperation(in DecodedInstruction ours, in Instruction theirs) =>
        (ours.Kind != InstructionKind.ReadModifyWrite || ours.Operation == IcedOracle.OperationOf(theirs))
            && ours.IsLocked == theirs.HasLockPrefix;

    private static bool SameAddress(in DecodedInstruction ours, in Instruction theirs)
    {
        Register register = theirs.MemoryBase != Register.None ? theirs.MemoryBase : theirs.MemoryIndex;
        int size = register is Register.RIP ? 8 : register is Register.EIP ? 4
            : register != Register.None ? register.GetSize() : theirs.MemoryDisplSize;
        return ours.AddressSize == size;
    }
}

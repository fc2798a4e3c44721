using System;
using System.Collections.Generic;
using System.IO;
using Iced.Intel;

namespace Switcher.Build;

/// <summary>
/// Iced's assembler for one stub, which may also refer to symbols: other stubs, data, and C# methods that carry
/// <c>[RuntimeExport]</c>.
/// </summary>
public sealed class StubAssembler : Assembler
{
    // Farther than a short jump reaches, so that every reference to a symbol has a 32-bit field.
    private const int Gap = 128;

    private readonly List<string> _names = [];
    private readonly List<Label> _labels = [];

    public StubAssembler(int bitness)
        : base(bitness)
    {
    }

    /// <summary>A symbol, for whatever takes a label: <c>call(Symbol("X"))</c>, <c>lea(rcx, __[Symbol("X")])</c>.</summary>
    public Label Symbol(string name)
    {
        int index = _names.IndexOf(name);
        if (index >= 0)
            return _labels[index];
        _names.Add(name);
        _labels.Add(CreateLabel(name));
        return _labels[^1];
    }

    /// <summary>
    /// Calls the C# method that is exported under <paramref name="symbol"/>. RSP must be a multiple of 16, with 32 bytes of shadow space
    /// above it: Microsoft x64 calling convention, "Stack allocation".
    /// </summary>
    public void CallManaged(string symbol) => call(Symbol(symbol));

    /// <summary>Encodes as if at address <paramref name="origin"/> and collects the references to symbols.</summary>
    internal byte[] Encode(ulong origin, List<CoffRelocation> relocations)
    {
        int instructions = Instructions.Count;
        PlaceSymbols();
        var code = new MemoryStream();
        BlockEncoderResult block = Assemble(
            new StreamCodeWriter(code), origin, BlockEncoderOptions.ReturnNewInstructionOffsets).Result[0];
        byte[] bytes = code.ToArray();
        if (_names.Count == 0)
            return bytes;

        int end = (int)block.NewInstructionOffsets[instructions];
        bytes = bytes[..end];
        for (int i = 0; i < instructions; i++)
        {
            if (Instructions[i].Code is Code.DeclareByte or Code.DeclareWord or Code.DeclareDword or Code.DeclareQword)
                continue;
            int start = (int)block.NewInstructionOffsets[i];
            var decoder = Decoder.Create(Bitness, new ByteArrayCodeReader(bytes, start, end - start), origin + (uint)start);
            Instruction instruction = decoder.Decode();
            ConstantOffsets constants = decoder.GetConstantOffsets(instruction);
            if (instruction.IsIPRelativeMemoryOperand)
                Refer(instruction.IPRelativeMemoryAddress, constants.DisplacementOffset);
            else if (instruction.OpCount > 0 && instruction.Op0Kind is OpKind.NearBranch16 or OpKind.NearBranch32 or OpKind.NearBranch64)
                Refer(instruction.NearBranchTarget, constants.ImmediateOffset);

            void Refer(ulong target, int field)
            {
                ulong symbol = target - origin - (ulong)(end + Gap);
                if (symbol >= (ulong)_names.Count)
                    return;
                bytes.AsSpan(start + field, 4).Clear();
                relocations.Add(new CoffRelocation(start + field, _names[(int)symbol], instruction.Length - field - 4));
            }
        }

        return bytes;
    }

    /// <summary>Lays one byte for each symbol behind the code; it goes away again, but its address marks the references.</summary>
    private void PlaceSymbols()
    {
        if (_names.Count == 0)
            return;
        db(new byte[Gap]);
        foreach (Label symbol in _labels)
        {
            Label label = symbol;
            Label(ref label);
            db(0);
        }
    }
}

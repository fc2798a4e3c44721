using System;
using System.Collections.Generic;
using System.Linq;

namespace Switcher.Build;

/// <summary>Collects the machine code and the data that a program's C# refers to, and writes them as one object file.</summary>
public sealed class StubBuilder
{
    /// <summary>The instruction that fills what is never executed.</summary>
    public const byte Int3 = 0xCC;

    private readonly CoffSection _code = new(".text", CoffSection.Code);
    private readonly CoffSection _constants = new(".rdata", CoffSection.ReadOnlyData);
    private readonly CoffSection _variables = new(".data", CoffSection.WritableData);

    /// <summary>The sections as collected so far, for tests.</summary>
    public IReadOnlyList<CoffSection> Sections => [_code, _constants, _variables];

    /// <summary>Adds 64-bit code under a symbol. C# calls it through <c>[RuntimeImport]</c> in Microsoft's x64 convention.</summary>
    public void Function(string name, Action<StubAssembler> body)
    {
        var assembler = new StubAssembler(64);
        body(assembler);
        var relocations = new List<CoffRelocation>();
        byte[] bytes = assembler.Encode(0, relocations);
        _code.Define(name, isFunction: true, Int3);
        int start = (int)_code.Content.Length;
        _code.Relocations.AddRange(relocations.Select(relocation => relocation with { Offset = start + relocation.Offset }));
        _code.Content.Write(bytes);
    }

    /// <summary>Adds bytes that are only read.</summary>
    public void Constant(string name, ReadOnlySpan<byte> bytes) => Add(_constants, name, bytes);

    /// <summary>Adds bytes that the program may change; they start as given.</summary>
    public void Variable(string name, ReadOnlySpan<byte> bytes) => Add(_variables, name, bytes);

    /// <summary>
    /// Assembles code that is copied before it runs, such as a 16-bit start-up trampoline, as if it lay at <paramref name="origin"/>.
    /// </summary>
    public static byte[] Blob(int bitness, ulong origin, Action<StubAssembler> body)
    {
        var assembler = new StubAssembler(bitness);
        body(assembler);
        var relocations = new List<CoffRelocation>();
        byte[] bytes = assembler.Encode(origin, relocations);
        if (relocations.Count != 0)
            throw new InvalidOperationException($"code that is copied cannot refer to {relocations[0].Symbol}");
        return bytes;
    }

    /// <summary>The object file. Equal definitions give equal bytes.</summary>
    public byte[] Build() => CoffObject.Write(Sections);

    private static void Add(CoffSection section, string name, ReadOnlySpan<byte> bytes)
    {
        section.Define(name, isFunction: false, 0);
        section.Content.Write(bytes);
    }
}

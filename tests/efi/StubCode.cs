using System.Collections.Generic;
using System.Linq;
using Iced.Intel;
using Switcher.Stubs;

namespace Switcher.Tests.Efi;

/// <summary>One function of a stub object, decoded again from its bytes.</summary>
internal sealed record StubFunction(string Name, int Offset, IReadOnlyList<Instruction> Instructions);

/// <summary>The functions of a kind of program.</summary>
internal static class StubCode
{
    public static CoffReader Object(string kind)
    {
        var stubs = new StubBuilder();
        StubSet.Define(kind, stubs);
        return new CoffReader(stubs.Build());
    }

    public static IEnumerable<StubFunction> Functions(string kind) => Functions(Object(kind));

    public static IEnumerable<StubFunction> Functions(CoffReader stubs)
    {
        ObjectSection text = stubs.Sections.Single(section => section.Name == ".text");
        int number = stubs.Sections.ToList().IndexOf(text) + 1;
        List<ObjectSymbol> symbols = [.. stubs.Symbols.Where(symbol => symbol.Section == number).OrderBy(symbol => symbol.Offset)];
        for (int i = 0; i < symbols.Count; i++)
        {
            int start = (int)symbols[i].Offset;
            int end = i + 1 < symbols.Count ? (int)symbols[i + 1].Offset : text.Content.Length;
            byte[] bytes = text.Content[start..end].ToArray();
            int length = bytes.Length;
            while (length > 0 && bytes[length - 1] == 0xCC)
                length--;
            yield return new StubFunction(symbols[i].Name, start, Decode(bytes[..length], (ulong)start));
        }
    }

    private static List<Instruction> Decode(byte[] bytes, ulong address)
    {
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(bytes), address);
        var instructions = new List<Instruction>();
        while (decoder.IP < address + (ulong)bytes.Length)
            instructions.Add(decoder.Decode());
        return instructions;
    }
}

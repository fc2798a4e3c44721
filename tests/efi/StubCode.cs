using System;
using System.Collections.Generic;
using System.Linq;
using Iced.Intel;
using Switcher.Build;

namespace Switcher.Tests.Efi;

/// <summary>One function of a stub object, decoded again from its bytes.</summary>
/// <param name="Padding">INT3 bytes behind the last instruction.</param>
/// <param name="Outside">Places of the fields that refer to symbols of other objects, which are C# methods.</param>
internal sealed record StubFunction(string Name, IReadOnlyList<Instruction> Instructions, int Padding, IReadOnlySet<ulong> Outside)
{
    public bool RefersOutside(Instruction instruction)
    {
        for (ulong at = instruction.IP; at < instruction.NextIP; at++)
        {
            if (Outside.Contains(at))
                return true;
        }

        return false;
    }
}

/// <summary>The machine code of the freestanding programs, by the name of its set.</summary>
internal static class StubCode
{
    /// <summary>Of the product and of the tests.</summary>
    public static IReadOnlyDictionary<string, Action<StubBuilder>> Sets { get; } =
        global::Switcher.Stubs.Program.Sets.Concat(Stubs.Program.Sets).ToDictionary();

    public static byte[] Bytes(string set) => StubProgram.Define(Sets[set]).Build();

    public static CoffReader Object(string set) => new(Bytes(set));

    public static IEnumerable<StubFunction> Functions(string set) => Functions(Object(set));

    public static IEnumerable<StubFunction> Functions(CoffReader stubs)
    {
        ObjectSection text = stubs.Sections.Single(section => section.Name == ".text");
        int number = stubs.Sections.ToList().IndexOf(text) + 1;
        HashSet<ulong> outside =
            [.. text.Relocations.Where(relocation => stubs.Symbols[relocation.Symbol].Section == 0)
                .Select(relocation => (ulong)relocation.Offset)];
        List<ObjectSymbol> symbols = [.. stubs.Symbols.Where(symbol => symbol.Section == number).OrderBy(symbol => symbol.Offset)];
        for (int i = 0; i < symbols.Count; i++)
        {
            int start = (int)symbols[i].Offset;
            int end = i + 1 < symbols.Count ? (int)symbols[i + 1].Offset : text.Content.Length;
            byte[] bytes = text.Content[start..end].ToArray();
            int length = bytes.Length;
            while (length > 0 && bytes[length - 1] == 0xCC)
                length--;
            yield return new StubFunction(symbols[i].Name, Decode(bytes[..length], (ulong)start), bytes.Length - length, outside);
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

using System.Collections.Generic;
using System.Linq;
using Iced.Intel;
using Switcher.Build;
using Xunit;

namespace Switcher.Tests.Efi;

public class StubTests
{
    public static TheoryData<string> Sets => [.. StubCode.Sets.Keys];

    [Theory]
    [MemberData(nameof(Sets))]
    public void Stubs_BuiltTwice_AreTheSameBytes(string set) => Assert.Equal(StubCode.Bytes(set), StubCode.Bytes(set));

    [Theory]
    [MemberData(nameof(Sets))]
    public void Stubs_Decoded_AreValidInstructionsToTheLastByte(string set)
    {
        foreach (StubFunction function in StubCode.Functions(set))
            Assert.All(function.Instructions, instruction => Assert.False(instruction.IsInvalid, function.Name));
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Stubs_Decoded_NeverRunOverTheirEnd(string set)
    {
        foreach (StubFunction function in StubCode.Functions(set))
        {
            // The last of a table of entries may call a stub that does not come back.
            Instruction last = function.Instructions[^1];
            bool ends = last.FlowControl is FlowControl.Return or FlowControl.UnconditionalBranch or FlowControl.IndirectBranch
                || last.Mnemonic is Mnemonic.Hlt or Mnemonic.Ud2
                || (last.Mnemonic == Mnemonic.Call && !function.RefersOutside(last) && function.Padding != 0);
            Assert.True(ends, $"{function.Name} ends in {last}");
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Stubs_CallingOut_HaveTheStackOnAMultipleOf16(string set)
    {
        foreach (StubFunction function in StubCode.Functions(set))
            Assert.Empty(StackAlignment.Faults(function));
    }

    [Fact]
    public void StackAlignment_OfACallStraightFromTheEntry_IsFound()
    {
        var stubs = new StubBuilder();
        stubs.Function("Careless", a =>
        {
            a.CallManaged("Somewhere");
            a.ret();
        });

        Assert.Single(StackAlignment.Faults(StubCode.Functions(new CoffReader(stubs.Build())).Single()));
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Stubs_ReferringToSymbols_LeaveAnEmptyFieldForEachRelocation(string set)
    {
        CoffReader stubs = StubCode.Object(set);
        foreach (ObjectSection section in stubs.Sections)
        {
            foreach (ObjectRelocation relocation in section.Relocations)
            {
                Assert.InRange(relocation.Type, (ushort)4, (ushort)9);      // IMAGE_REL_AMD64_REL32 to REL32_5
                Assert.Equal(new byte[4], section.Content.Slice((int)relocation.Offset, 4).ToArray());
                Assert.False(string.IsNullOrEmpty(stubs.Symbols[relocation.Symbol].Name));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void Stubs_OfEveryProgram_DefineWhatTheCodeGeneratorNeeds(string set)
    {
        List<string> names = [.. StubCode.Object(set).Symbols.Select(symbol => symbol.Name)];

        Assert.Contains("__security_cookie", names);
        Assert.Contains("RhpStackProbe", names);
        Assert.Contains("CopyMemory", names);
        Assert.Contains("FillMemory", names);
    }
}

using System;
using System.Linq;
using Iced.Intel;
using Switcher.Build;
using Xunit;
using static Iced.Intel.AssemblerRegisters;

namespace Switcher.Tests.Efi;

public class StubBuilderTests
{
    private const ushort Rel32 = 4;

    [Fact]
    public void Function_CallingManagedCode_RefersToItsSymbol()
    {
        var stubs = new StubBuilder();
        stubs.Function("First", a => a.ret());
        stubs.Function("Second", a =>
        {
            a.sub(rsp, 40);
            a.CallManaged("AManagedMethodWithALongName");
            a.add(rsp, 40);
            a.ret();
        });

        var result = new CoffReader(stubs.Build());

        ObjectRelocation relocation = Assert.Single(result.Sections[0].Relocations);
        Assert.Equal(Rel32, relocation.Type);
        Assert.Equal("AManagedMethodWithALongName", result.Symbols[relocation.Symbol].Name);
        Assert.Equal(0, result.Symbols[relocation.Symbol].Section);
        Assert.Equal(16u + 4 + 1, relocation.Offset);                       // behind SUB RSP, 40 and the opcode of CALL
    }

    [Fact]
    public void Function_WithAnImmediateBehindTheField_CountsFromTheEndOfTheInstruction()
    {
        var stubs = new StubBuilder();
        stubs.Variable("counter", new byte[4]);
        stubs.Function("Set", a =>
        {
            a.mov(__dword_ptr[a.Symbol("counter")], 7);
            a.ret();
        });

        var result = new CoffReader(stubs.Build());

        ObjectRelocation relocation = Assert.Single(result.Sections[0].Relocations);
        Assert.Equal(Rel32 + 4, relocation.Type);
        ObjectSymbol counter = result.Symbols[relocation.Symbol];
        Assert.Equal(".data", result.Sections[counter.Section - 1].Name);
    }

    [Fact]
    public void Function_WithLocalLabels_KeepsItsShortJumps()
    {
        var stubs = new StubBuilder();
        stubs.Function("Loop", a =>
        {
            Label again = a.CreateLabel();
            a.Label(ref again);
            a.dec(ecx);
            a.jnz(again);
            a.jmp(a.Symbol("Elsewhere"));
        });

        StubFunction function = StubCode.Functions(new CoffReader(stubs.Build())).Single();

        Assert.Equal(Code.Jne_rel8_64, function.Instructions[1].Code);
        Assert.Equal(Code.Jmp_rel32_64, function.Instructions[2].Code);
    }

    [Fact]
    public void Functions_OneAfterTheOther_StartOnMultiplesOf16()
    {
        var stubs = new StubBuilder();
        stubs.Function("A", a => a.ret());
        stubs.Function("B", a => a.ret());

        Assert.Equal([0u, 16u], new CoffReader(stubs.Build()).Symbols.Select(symbol => symbol.Offset));
    }

    [Fact]
    public void Builder_GivenANameTwice_Refuses()
    {
        var stubs = new StubBuilder();
        stubs.Function("Twice", a => a.ret());
        stubs.Constant("Twice", [1]);

        Assert.Throws<InvalidOperationException>(() => stubs.Build());
    }

    [Fact]
    public void Blob_Of16Bits_IsAssembledForItsAddress()
    {
        byte[] bytes = StubBuilder.Blob(16, 0x8000, a =>
        {
            Label here = a.CreateLabel();
            a.Label(ref here);
            a.cli();
            a.jmp(here);
        });

        Assert.Equal([0xFA, 0xEB, 0xFD], bytes);
    }

    [Fact]
    public void Blob_ReferringToASymbol_IsRefused() =>
        Assert.Throws<InvalidOperationException>(() => StubBuilder.Blob(64, 0, a => a.CallManaged("Somewhere")));
}

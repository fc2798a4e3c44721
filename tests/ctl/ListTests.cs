using System;
using System.Linq;
using System.Text.Json;
using Xunit;

namespace Switcher.Tests.Ctl;

/// <summary><c>switcherctl list</c>, and who is next in it.</summary>
public sealed class ListTests : IDisposable
{
    private readonly FakeLinux _linux = new();

    public void Dispose() => _linux.Dispose();

    [Fact]
    public void List_UnderSwitcher_ShowsStatesMemoryAndNext()
    {
        _linux.PutStatus("sleep=switch\nnext=\n", "Debian, größer active", "Other off", "Windows Boot Manager suspended");
        Assert.Equal((0, """
            0001  active        2048 MiB        Debian, größer
            0002  off           2048 MiB        Other
            0003  suspended     2048 MiB  next  Windows Boot Manager

            """, ""), _linux.Run("list"));
    }

    /// <param name="machine">What the status says of the machine.</param>
    /// <param name="states">Of the systems.</param>
    /// <param name="next">Who is expected.</param>
    [Theory]
    [InlineData("sleep=switch\nnext=\n", "parked,active,suspended", "0003")]
    [InlineData("sleep=switch\nnext=\n", "parked,suspended,active", "0001")]
    [InlineData("sleep=switch\nnext=\n", "off,suspended,active", "0002")]
    [InlineData("sleep=switch\nnext=0001\n", "off,suspended,active", "0001")]
    [InlineData("sleep=switch\nnext=0001\nservices=lost\n", "off,suspended,active", "0002")]
    [InlineData("sleep=switch\nnext=\n", "off,off,active", null)]
    [InlineData("sleep=armed\nnext=\n", "parked,suspended,active", null)]
    [InlineData("sleep=armed\nnext=0002\n", "parked,suspended,active", "0002")]
    public void List_AnyState_NamesWhoIsNext(string machine, string states, string? next)
    {
        _linux.PutStatus(machine, [.. states.Split(',').Select(state => "a label " + state)]);
        (int exit, string output, string errors) = _linux.Run("list", "--json");
        Assert.Equal((0, ""), (exit, errors));
        JsonElement list = JsonDocument.Parse(output).RootElement;
        Assert.True(list.GetProperty("running").GetBoolean());
        Assert.Equal(next, list.GetProperty("next").GetString());
        JsonElement[] systems = [.. list.GetProperty("systems").EnumerateArray()];
        Assert.Equal(states.Split(','), systems.Select(system => system.GetProperty("state").GetString()));
        string[] expected = next == null ? [] : [next];
        Assert.Equal(expected,
            systems.Where(system => system.GetProperty("next").GetBoolean()).Select(system => system.GetProperty("number").GetString()!));
        Assert.All(systems, system => Assert.Equal(2147483648, system.GetProperty("bytes").GetInt64()));
    }

    [Fact]
    public void List_WithoutSwitcher_ShowsWhatWouldRun()
    {
        _linux.PutOptions("debian", "Fedora");
        _linux.PutVariable("SwitcherGuest0002", "memory=40%\n");
        Assert.Equal((0, """
            Switcher does not run. It would run these, and ask first where nothing has been chosen:
            0001  -              a share        debian
            0002  -                  40%        Fedora

            """, ""), _linux.Run("list"));
        JsonElement list = JsonDocument.Parse(_linux.Run("list", "--json").Output).RootElement;
        Assert.False(list.GetProperty("running").GetBoolean());
        Assert.Equal(
            ["debian", "Fedora"], list.GetProperty("systems").EnumerateArray().Select(one => one.GetProperty("label").GetString()));
        Assert.Equal("40%", list.GetProperty("systems")[1].GetProperty("memory").GetString());
    }

    [Fact]
    public void List_WithTooFewSystems_SaysSo()
    {
        _linux.PutOptions("debian");
        Assert.Contains("(fewer than two boot options are", _linux.Run("list").Output, StringComparison.Ordinal);
    }
}

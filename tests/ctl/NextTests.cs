using System;
using System.Text.Json;
using Xunit;

namespace Switcher.Tests.Ctl;

/// <summary><c>switcherctl next</c> and <c>start</c>: they write <c>SwitcherNext</c>, or say why not.</summary>
public sealed class NextTests : IDisposable
{
    private readonly FakeLinux _linux = new();

    public NextTests() => _linux.PutStatus("sleep=switch\nnext=\n", "Debian active", "Windows suspended", "Off one off", "Young loading");

    public void Dispose() => _linux.Dispose();

    [Theory]
    [InlineData("next", "win", 2, "Next is 0002 \"Windows\", which is suspended.\n")]
    [InlineData("next", "3", 3, "Next is 0003 \"Off one\", which is off and starts at the next suspend.\n")]
    [InlineData("start", "off", 3, "0003 \"Off one\" starts at the next suspend, 'switcherctl switch' for example.\n")]
    public void Naming_ASystem_WritesItsNumber(string verb, string name, byte number, string output)
    {
        Assert.Equal((0, output, ""), _linux.Run(verb, name));
        Assert.Equal([6, 0, 0, 0, number, 0], _linux.Variable("SwitcherNext"));
    }

    [Theory]
    [InlineData("next", "debian", 6, "has the machine already")]
    [InlineData("next", "x", 6, "There is no system \"x\"; there are 0001 \"Debian\", 0002 \"Windows\", 0003 \"Off one\", ")]
    [InlineData("next", "young", 8, "is loading; wait")]
    [InlineData("start", "windows", 6, "is suspended, not off; 'switcherctl switch 0002' gives")]
    [InlineData("start", "debian", 6, "has the machine already")]
    [InlineData("switch", "debian", 6, "has the machine already")]
    public void Naming_AWrongSystem_WritesNothing(string verb, string name, int exit, string complaint)
    {
        (int Exit, string Output, string Errors) result = _linux.Run(verb, name);
        Assert.Equal((exit, ""), (result.Exit, result.Output));
        Assert.Contains(complaint, result.Errors, StringComparison.Ordinal);
        Assert.Null(_linux.Variable("SwitcherNext"));
    }

    [Fact]
    public void Start_WhileTheFirmwareHasFailed_SaysSo()
    {
        _linux.PutStatus("sleep=switch\nnext=\nservices=lost\n", "Debian active", "Off one off");
        Assert.Equal(8, _linux.Run("start", "off").Exit);
    }

    [Fact]
    public void Next_WithoutAName_SaysWhoItIs()
    {
        Assert.Equal((0, "Next is 0002 \"Windows\", which is suspended.\n", ""), _linux.Run("next"));
        _linux.PutStatus("sleep=armed\nnext=\n", "Debian active", "Windows suspended");
        Assert.Equal((0, "Nobody is next: to suspend lets the machine sleep.\n", ""), _linux.Run("next"));
        Assert.Null(JsonDocument.Parse(_linux.Run("next", "--json").Output).RootElement.GetProperty("next").GetString());
        JsonElement json = JsonDocument.Parse(_linux.Run("next", "--json", "win").Output).RootElement;
        Assert.Equal(("0002", "Windows", true),
            (json.GetProperty("next").GetString(), json.GetProperty("label").GetString(), json.GetProperty("named").GetBoolean()));
    }

    [Fact]
    public void Next_Clear_DeletesTheName()
    {
        _linux.PutVariable("SwitcherNext", 2, 0);
        _linux.Freeze("SwitcherNext");
        Assert.Equal((0, "Next is 0002 \"Windows\", which is suspended.\n", ""), _linux.Run("next", "--clear"));
        Assert.Null(_linux.Variable("SwitcherNext"));
        Assert.Equal(2, _linux.Run("next", "--clear", "win").Exit);
    }

    /// <summary>efivarfs protects what it does not know from the second time on.</summary>
    [Fact]
    public void Next_OverAProtectedFile_ThawsItForTheWrite()
    {
        _linux.PutVariable("SwitcherNext", 3, 0);
        _linux.Freeze("SwitcherNext");
        Assert.Equal(0, _linux.Run("next", "win").Exit);
        Assert.Equal([6, 0, 0, 0, 2, 0], _linux.Variable("SwitcherNext"));
        Assert.Equal(["thawed", "frozen"], _linux.Events);
    }

    [Fact]
    public void Next_OverAFileThatStaysProtected_LeavesItAsItWas()
    {
        _linux.PutVariable("SwitcherNext", 3, 0);
        _linux.Freeze("SwitcherNext");
        _linux.HasFlagsLocked = true;
        (int exit, string output, string errors) = _linux.Run("next", "win");
        Assert.Equal((10, ""), (exit, output));
        Assert.Contains("chattr -i /sys/firmware/efi/efivars/SwitcherNext-", errors, StringComparison.Ordinal);
        Assert.Equal([7, 0, 0, 0, 3, 0], _linux.Variable("SwitcherNext"));
    }
}

using System;
using System.Text.Json;
using Xunit;

namespace Switcher.Tests.Ctl;

/// <summary><c>switcherctl switch</c>: by systemd or without it, and what keeps it from suspending.</summary>
public sealed class SwitchTests : IDisposable
{
    private const string Systemd = "run/systemd/system/x";
    private const string Deep = "s2idle [deep]\n";

    private readonly FakeLinux _linux = new();

    public SwitchTests()
    {
        _linux.PutStatus("sleep=switch\nnext=\n", "Debian active", "Windows suspended", "Other parked");
        _linux.PutSleep(Deep);
    }

    public void Dispose() => _linux.Dispose();

    [Fact]
    public void Switch_WithSystemd_AsksIt()
    {
        _linux.Put(Systemd, "");
        Assert.Equal((0, "Switching to 0003 \"Other\".\n", ""), _linux.Run("switch", "other"));
        Assert.Equal(["systemctl suspend"], _linux.Events);
        Assert.Equal([6, 0, 0, 0, 3, 0], _linux.Variable("SwitcherNext"));
        Assert.StartsWith("freeze", _linux.Text("sys/power/state"), StringComparison.Ordinal);
    }

    [Fact]
    public void Switch_WithoutSystemd_WritesToTheKernel()
    {
        Assert.Equal((0, "Switching to 0002 \"Windows\".\n", ""), _linux.Run("switch"));
        Assert.StartsWith("mem", _linux.Text("sys/power/state"), StringComparison.Ordinal);
        Assert.Empty(_linux.Events);
        Assert.Null(_linux.Variable("SwitcherNext"));
    }

    /// <summary>Nothing has to be written then, and systemd lets whoever sits at the machine suspend it.</summary>
    [Fact]
    public void Switch_InOrderBySomebodyElseThanRoot_IsUpToSystemd()
    {
        _linux.Put(Systemd, "");
        _linux.IsRoot = false;
        Assert.Equal(0, _linux.Run("switch").Exit);
        Assert.Equal(["systemctl suspend"], _linux.Events);
    }

    [Theory]
    [InlineData("switch other")]
    [InlineData("next other")]
    [InlineData("start other")]
    [InlineData("config set sleep armed")]
    [InlineData("config unset sleep")]
    public void Writing_BySomebodyElseThanRoot_IsRefused(string line)
    {
        _linux.IsRoot = false;
        _linux.PutVariable("SwitcherSleep", "switch");
        Assert.Equal(
            (3, "", "switcherctl: Only root may write the firmware's variables; try it with sudo.\n"), _linux.Run(line.Split(' ')));
    }

    /// <summary>Where to suspend lets the machine sleep, only a name makes it a switch.</summary>
    [Fact]
    public void Switch_WhereSuspendingIsTheMachines_NamesTheNextInOrder()
    {
        _linux.PutStatus("sleep=armed\nnext=\n", "Debian active", "Off one off", "Other parked");
        JsonElement json = JsonDocument.Parse(_linux.Run("switch", "--json").Output).RootElement;
        Assert.Equal("0003", json.GetProperty("next").GetString());
        Assert.Equal([6, 0, 0, 0, 3, 0], _linux.Variable("SwitcherNext"));
    }

    [Fact]
    public void Switch_WithS2Idle_SelectsDeepAndSaysSo()
    {
        _linux.PutSleep("[s2idle] deep\n");
        (int exit, string output, string errors) = _linux.Run("switch");
        Assert.Equal((0, ""), (exit, errors));
        Assert.StartsWith("Selected \"deep\", which is S3, in /sys/power/mem_sleep; it was not.\n", output, StringComparison.Ordinal);
        Assert.StartsWith("deep", _linux.Text("sys/power/mem_sleep"), StringComparison.Ordinal);
    }

    [Fact]
    public void Switch_WithoutS3_SaysSoAndNamesNobody()
    {
        _linux.PutSleep("[s2idle]\n");
        Assert.Equal(9, _linux.Run("switch", "other").Exit);
        _linux.PutSleep(Deep);
        _linux.Put("sys/power/state", "freeze disk\n");
        Assert.Equal(9, _linux.Run("switch", "other").Exit);
        Assert.Null(_linux.Variable("SwitcherNext"));
    }

    [Theory]
    [InlineData("Other off")]
    [InlineData("Other loading")]
    public void Switch_WithNobodyElse_SaysSo(string other)
    {
        _linux.PutStatus("sleep=switch\nnext=\n", "Debian active", other);
        (int exit, string output, string errors) = _linux.Run("switch");
        Assert.Equal((8, ""), (exit, output));
        Assert.Contains("nobody else to switch to", errors, StringComparison.Ordinal);
    }

    /// <summary>What did not come to be is not left for the next suspend.</summary>
    [Fact]
    public void Switch_ThatDoesNotSuspend_LeavesNobodyNamed()
    {
        _linux.Put(Systemd, "");
        _linux.Complaint = "Operation inhibited by a cook";
        (int exit, _, string errors) = _linux.Run("switch", "other");
        Assert.Equal(11, exit);
        Assert.Contains("inhibited by a cook", errors, StringComparison.Ordinal);
        Assert.Null(_linux.Variable("SwitcherNext"));

        _linux.PutStatus("sleep=switch\nnext=0002\n", "Debian active", "Windows suspended", "Other parked");
        Assert.Equal(11, _linux.Run("switch", "other").Exit);
        Assert.Equal([6, 0, 0, 0, 2, 0], _linux.Variable("SwitcherNext"));
    }
}

using System;
using System.Linq;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Switcher.Tests.Ctl;

/// <summary><c>switcherctl config</c>: what the boot would not take is not written.</summary>
public sealed class ConfigTests : IDisposable
{
    private readonly FakeLinux _linux = new();

    public ConfigTests() => _linux.PutOptions("debian", "Fedora", "Windows Boot Manager");

    public void Dispose() => _linux.Dispose();

    [Theory]
    [InlineData("config set sleep armed", "SwitcherSleep", "armed", "when Switcher starts")]
    [InlineData("config set SwitcherSleep switch", "SwitcherSleep", "switch", "when Switcher starts")]
    [InlineData("config set timeout 258", "SwitcherTimeout", "\u0002\u0001", "when Switcher starts")]
    [InlineData("config set guests windows 1", "SwitcherGuests", "\u0003\0\u0001\0", "when Switcher starts")]
    [InlineData("config set fedora memory=6144M options= sleep=machine", "SwitcherGuest0002", "memory=6144M\noptions=\nsleep=machine\n",
        "when Switcher starts")]
    public void Set_GoodValue_IsWrittenToLast(string line, string variable, string value, string counts)
    {
        Assert.Equal((0, $"Counts {counts}.\n", ""), _linux.Run(line.Split(' ')));
        Assert.Equal([7, 0, 0, 0, .. Encoding.Latin1.GetBytes(value)], _linux.Variable(variable));
    }

    [Theory]
    [InlineData("sleep", "never", "sleep: neither switch nor armed.")]
    [InlineData("sleep", "switch|armed", "sleep: neither switch nor armed.")]
    [InlineData("timeout", "65536", "timeout: not a number of seconds from 0 to 65535.")]
    [InlineData("timeout", "-1", "timeout: not a number of seconds from 0 to 65535.")]
    [InlineData("timeout", "1|2", "timeout: not a number of seconds from 0 to 65535.")]
    [InlineData("guests", "fedora", "guests: fewer than 2 guests;")]
    [InlineData("guests", "fedora|0002", "guests: boot option given twice;")]
    [InlineData("fedora", "memory=101%", "\"memory=101%\": memory is neither 1% to 100% nor a number with M or G.")]
    [InlineData("fedora", "clock=utc|clock=local", "\"clock=local\": key given twice, the last one counts.")]
    [InlineData("fedora", "clock=mine", "\"clock=mine\": clock is neither utc nor local.")]
    [InlineData("fedora", "sleep=armed", "\"sleep=armed\": sleep is neither switch nor machine.")]
    [InlineData("fedora", "colour=red", "\"colour=red\": unknown key.")]
    [InlineData("fedora", "memory", "\"memory\": not of the form key=value.")]
    [InlineData("fedora", "options=a\nmemory=5%", "options: a value is one line.")]
    public void Set_BadValue_IsRefusedInTheBootsWords(string key, string values, string complaint)
    {
        byte[] old = [.. "memory=40%\n"u8];
        _linux.PutVariable("SwitcherGuest0002", old);
        (int exit, string output, string errors) = _linux.Run(["config", "set", key, "--", .. values.Split('|')]);
        Assert.Equal((7, ""), (exit, output));
        Assert.StartsWith($"switcherctl: {complaint}", errors, StringComparison.Ordinal);
        Assert.Equal([7, 0, 0, 0, .. old], _linux.Variable("SwitcherGuest0002"));
        Assert.All(["SwitcherSleep", "SwitcherTimeout", "SwitcherGuests"], name => Assert.Null(_linux.Variable(name)));
    }

    [Theory]
    [InlineData("config set ubuntu memory=1G")]
    [InlineData("config set guests debian ubuntu")]
    [InlineData("config get ubuntu")]
    [InlineData("config unset ubuntu")]
    public void Config_OfAnUnknownSystem_ListsThoseThatThereAre(string line)
    {
        (int exit, _, string errors) = _linux.Run(line.Split(' '));
        Assert.Equal(6, exit);
        Assert.Contains("\"ubuntu\"; there are 0001 \"debian\", ", errors, StringComparison.Ordinal);
    }

    /// <summary>Other lines stay as they were written, and where they were.</summary>
    [Fact]
    public void Set_SomeLines_KeepsTheOthers()
    {
        _linux.PutVariable("SwitcherGuest0001", "\uFEFF memory = 40%\r\n\noptions=root=/dev/sda1 quiet\r\nsleep=machine\0rest");
        Assert.Equal(0, _linux.Run("config", "set", "debian", "memory=2G").Exit);
        Assert.Equal("options=root=/dev/sda1 quiet\nsleep=machine\nmemory=2G\n", Lines());
        Assert.Equal(0, _linux.Run("config", "unset", "debian", "sleep", "options").Exit);
        Assert.Equal("memory=2G\n", Lines());
        Assert.Equal(0, _linux.Run("config", "unset", "debian", "memory").Exit);
        Assert.Null(_linux.Variable("SwitcherGuest0001"));
        Assert.Equal((0, "There was nothing to change.\n", ""), _linux.Run("config", "unset", "debian"));

        string Lines() => Encoding.UTF8.GetString(_linux.Variable("SwitcherGuest0001")![4..]);
    }

    /// <summary>A line that is bad already is not written again, and can be taken out.</summary>
    [Fact]
    public void Set_BesideABadLine_NamesIt()
    {
        _linux.PutVariable("SwitcherGuest0001", "colour=red\n");
        (int exit, _, string errors) = _linux.Run("config", "set", "debian", "memory=2G");
        Assert.Equal((7, "switcherctl: \"colour=red\": unknown key.\n"), (exit, errors));
        Assert.Equal(0, _linux.Run("config", "unset", "debian", "colour").Exit);
        Assert.Equal(0, _linux.Run("config", "set", "debian", "memory=2G").Exit);
    }

    [Fact]
    public void Set_UnderSwitcher_SaysWhenEachCounts()
    {
        _linux.PutStatus("sleep=switch\nnext=\n", "debian active", "Fedora suspended");
        Assert.Equal((0, "Counts at once.\n", ""), _linux.Run("config", "set", "sleep", "armed"));
        Assert.Equal((0, "Counts at the machine's next start, the rest at once, the rest when the system is started again.\n", ""),
            _linux.Run("config", "set", "fedora", "memory=1G", "sleep=machine", "options=quiet", "clock=utc"));
        JsonElement json = JsonDocument.Parse(_linux.Run("config", "set", "timeout", "0", "--json").Output).RootElement;
        Assert.Equal("at the machine's next start", json.GetProperty("counts")[0].GetString());
    }

    [Fact]
    public void Set_ThatTheFirmwareRefuses_SaysSo()
    {
        _linux.Fill("SwitcherTimeout");
        (int exit, string output, string errors) = _linux.Run("config", "set", "timeout", "1");
        Assert.Equal((10, ""), (exit, output));
        Assert.Contains("SwitcherTimeout was refused and is what it was (", errors, StringComparison.Ordinal);
    }

    /// <summary>A flash wears out.</summary>
    [Fact]
    public void Set_ToWhatItIs_WritesNothing()
    {
        _linux.PutVariable("SwitcherSleep", "armed");
        _linux.Freeze("SwitcherSleep");
        Assert.Equal(0, _linux.Run("config", "set", "sleep", "armed").Exit);
        Assert.Empty(_linux.Events);
    }

    [Fact]
    public void Get_Everything_ShowsDefaultsToo()
    {
        _linux.PutVariable("SwitcherSleep", "armed\n");
        _linux.PutVariable("SwitcherTimeout", 7);
        _linux.PutVariable("SwitcherGuest0002", "memory=40%\nsleep=machine\n");
        Assert.Equal((0, """
            guests: the menu asks (default)
            sleep: armed
            timeout: 0x07, which is not understood
            0001 "debian":
            0002 "Fedora":
              memory=40%
              sleep=machine
            0003 "Windows Boot Manager":

            """, ""), _linux.Run("config", "get"));
        Assert.Equal((0, "armed\n", ""), _linux.Run("config", "get", "sleep"));
        Assert.Equal((0, "memory=40%\nsleep=machine\n", ""), _linux.Run("config", "get", "fed"));
        JsonElement json = JsonDocument.Parse(_linux.Run("config", "get", "--json").Output).RootElement;
        Assert.Null(json.GetProperty("guests").GetString());
        Assert.Equal("armed", json.GetProperty("sleep").GetString());
        JsonElement lines = json.GetProperty("systems").GetProperty("0002");
        Assert.Equal(["memory=40%", "sleep=machine"], lines.EnumerateArray().Select(line => line.GetString()));
    }

    /// <summary>Reading leaves no file behind for a variable that is not there.</summary>
    [Fact]
    public void Get_WhatIsNotThere_LeavesNothing()
    {
        Assert.Equal((0, "switch (default)\n", ""), _linux.Run("config", "get", "sleep"));
        Assert.Null(_linux.Variable("SwitcherSleep"));
    }
}

using System;
using System.Linq;
using CsCheck;
using Switcher.Ctl.Live;
using Switcher.Ctl.Systems;
using Xunit;

namespace Switcher.Tests.Ctl;

/// <summary>Whom a user means.</summary>
public sealed class SystemNamesTests
{
    private static readonly NamedSystem[] s_systems =
    [
        new(0x0001, "Debian"), new(0x0002, "debian testing"), new(0xBEEF, "Windows Boot Manager"), new(0x0010, "Beefy"),
        new(0x0003, "Twin"), new(0x0004, "twin"),
    ];

    [Theory]
    [InlineData("0001", 1)]
    [InlineData("1", 1)]
    [InlineData("Boot0002", 2)]
    [InlineData("boot2", 2)]
    [InlineData("beef", 0xBEEF)]
    [InlineData("beefy", 0x10)]
    [InlineData("10", 0x10)]
    [InlineData("Debian", 1)]
    [InlineData("DEBIAN", 1)]
    [InlineData("debian t", 2)]
    [InlineData("w", 0xBEEF)]
    public void Find_WhatMeansOne_FindsIt(string name, ushort number) => Assert.Equal(number, SystemNames.Find(name, s_systems).Number);

    [Theory]
    [InlineData("d", "0001 \"Debian\", 0002 \"debian testing\"; give")]
    [InlineData("TWIN", "0003 \"Twin\", 0004 \"twin\"; give")]
    [InlineData("", "there are 0001 \"Debian\", ")]
    [InlineData("FFFF", "there are 0001 \"Debian\", ")]
    [InlineData("99999", "there are 0001 \"Debian\", ")]
    [InlineData("ebian", "there are 0001 \"Debian\", ")]
    public void Find_WhatMeansNoneOrSeveral_ListsThem(string name, string list)
    {
        CtlFailure failure = Assert.Throws<CtlFailure>(() => SystemNames.Find(name, s_systems));
        Assert.Equal(ExitStatus.WrongSystem, failure.Status);
        Assert.Contains(list, failure.Message, StringComparison.Ordinal);
    }

    /// <summary>Whatever the labels and the name: one that is found fits the name, and its number finds it too.</summary>
    [Fact]
    public void FindAll_AnyLabels_FindsWhatFits() => Gen.Select(
        Gen.String[Gen.Char["aAb0 "], 0, 4].Array[1, 6], Gen.String[Gen.Char["aAb01 "], 0, 4])
        .Sample((labels, name) =>
        {
            NamedSystem[] systems = [.. labels.Select((label, i) => new NamedSystem((ushort)(i + 0x100), label))];
            return SystemNames.FindAll(name, systems).All(found => found.Label.StartsWith(name, StringComparison.OrdinalIgnoreCase)
                || found.Digits.Contains(name, StringComparison.OrdinalIgnoreCase))
                && systems.All(system => SystemNames.Find(system.Digits, systems) == system);
        });
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using CsCheck;
using Switcher.Boot.Config;
using Switcher.Boot.Plan;
using Switcher.Boot.Verdict;
using Switcher.Tests.Boot.Config;
using Xunit;

namespace Switcher.Tests.Boot.Verdict;

/// <summary>Which boot options become guests.</summary>
public sealed class GuestVerdictTests
{
    // Options 1 to 4 are systems, 5 is Switcher, 6 is switched off, 7 is malformed; there are no others.
    private const ushort Switcher = 5;
    private const ushort Inactive = 6;
    private const ushort Malformed = 7;

    [Fact]
    public void Choose_WithoutAList_TakesTheSystemsInTheFirmwaresOrder()
    {
        Assert.Equal([3, 1, 2], Choose([], [3, Switcher, 1, Inactive, 2], out Answer answer));
        Assert.Empty(answer.Findings);
        Assert.Empty(answer.Warnings);
    }

    /// <summary>A system that ran twice would destroy its own disk.</summary>
    [Fact]
    public void Choose_OrderThatNamesAnOptionTwice_TakesItOnce()
    {
        Assert.Equal([1, 2], Choose([], [1, 1, 2, 1], out _));
        Assert.Equal([1], Choose([], [1, 1, 1], out Answer answer));
        Assert.Equal([(Severity.Refused, "fewer than two boot options are operating systems on a fixed disk")], answer.Findings);
    }

    [Fact]
    public void Choose_List_IsFollowedWhateverTheOptionsAre()
    {
        Assert.Equal([2, Inactive], Choose([2, Inactive], [1, 3, 4], out Answer answer));
        Assert.Empty(answer.Warnings);
    }

    [Fact]
    public void Choose_ListWithOptionsThatCannotBeUsed_NamesEach()
    {
        Assert.Equal([1, 2], Choose([1, 9, Switcher, Malformed, 2], [3, 4], out Answer answer));
        Assert.Equal(
            [(9, "there is no such boot option"), (Switcher, "that is Switcher itself"), (Malformed, "malformed")], answer.Warnings);
    }

    [Fact]
    public void Choose_ListOfOne_FallsBackToTheOrder()
        => Assert.Equal([3, 4], Choose([1, 9], [3, 4], out _));

    [Fact]
    public void Choose_AnyListAndOrder_GivesDistinctSystems() => Gen.Select(Numbers, Numbers).Sample((list, order) =>
    {
        // The list has no repetitions: GuestList.Parse sees to that.
        int[] chosen = Choose([.. list.Distinct().Take(MemoryPlanner.MaximumGuests)], order, out Answer answer);
        Assert.Equal(chosen.Distinct(), chosen);
        Assert.DoesNotContain(Switcher, chosen.Select(n => (ushort)n));
        Assert.DoesNotContain(Malformed, chosen.Select(n => (ushort)n));
        Assert.Equal(chosen.Length < MemoryPlanner.MinimumGuests, answer.Findings.Count == 1);
    });

    private static Gen<ushort[]> Numbers => Gen.UShort[0, 9].Array[0, 40];

    private static int[] Choose(ushort[] listed, ushort[] order, out Answer answer)
    {
        answer = new Answer([], []);
        var options = new Options(answer);
        var findings = new Findings(answer);
        var chosen = new ushort[MemoryPlanner.MaximumGuests];
        int count = GuestVerdict.Choose(ref options, listed, MemoryMarshal.AsBytes<ushort>(order), chosen, ref findings);
        return [.. chosen.Take(count).Select(number => (int)number)];
    }

    private sealed record Answer(List<(Severity Severity, string Sentence)> Findings, List<(int Number, string Text)> Warnings);

    private readonly struct Findings(Answer answer) : IFindings
    {
        public void Add(Severity severity, scoped ReadOnlySpan<byte> sentence)
            => answer.Findings.Add((severity, Encoding.ASCII.GetString(sentence)));
    }

    private readonly struct Options(Answer answer) : IBootOptions
    {
        public bool TryRead(ushort number, out ReadOnlySpan<byte> variable)
        {
            byte[] path = [.. BootOptionTests.HardDrive, .. BootOptionTests.File($"{number}.efi"), .. BootOptionTests.End];
            variable = number switch
            {
                >= 1 and <= Inactive => BootOptionTests.Option(number == Inactive ? 0u : 1u, "system", path, [(byte)number]),
                Malformed => new byte[] { 1, 2 },
                _ => default,
            };
            return !variable.IsEmpty;
        }

        public bool IsSwitcher(in BootOption option) => option.OptionalData[0] == Switcher;

        public bool IsSameLoader(in BootOption a, in BootOption b) => LoaderPath.AreEqual(a, b);

        public void Warn(ushort number, ReadOnlySpan<byte> text) => answer.Warnings.Add((number, Encoding.ASCII.GetString(text)));
    }
}

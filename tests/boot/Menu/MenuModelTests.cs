using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using CsCheck;
using Switcher.Boot.Menu;
using Switcher.Boot.Plan;
using Switcher.Boot.Verdict;
using Xunit;

namespace Switcher.Tests.Boot.Menu;

/// <summary>What keys make of the menu: no sequence of them leads to something that must not run.</summary>
public sealed class MenuModelTests
{
    private static readonly MenuKey[] s_keys = Enum.GetValues<MenuKey>();

    private static Gen<MenuEntry[]> Entries => Gen.Select(Gen.Byte, Gen.Byte, Gen.Byte).Array[0, 30].Select(bytes =>
    {
        MenuEntry[] entries = [.. bytes.Select((b, i) => Entry(i + 1, (OptionVerdict)(b.Item1 % 8), group: b.Item2 % 40))];
        MenuEntry[] ordered = [.. entries.OrderBy(entry => entry.Verdict != OptionVerdict.System)];
        for (int i = 0; i < ordered.Length; i++)
            ordered[i].IsSelected = ordered[i].Verdict == OptionVerdict.System && ordered.Take(i).All(e => e.Group != ordered[i].Group)
                && ordered.Take(i).Count(e => e.IsSelected) < MemoryPlanner.MaximumGuests;
        return ordered;
    });

    private static Gen<MenuKey[]> Keys => Gen.Int[0, s_keys.Length - 1].Select(i => s_keys[i]).Array[0, 60];

    [Fact]
    public void Press_AnyKeys_LeaveAValidChoice() => Gen.Select(Entries, Keys, Gen.Int[MenuPage.LeastRows, MenuPage.MostRows])
        .Sample((entries, keys, rows) =>
        {
            ushort[] before = [.. entries.Select(entry => entry.Number).Order()];
            MenuModel model = Model(entries);
            foreach (MenuKey key in keys)
            {
                MenuAction action = model.Press(key);
                if (action == MenuAction.Save)
                    model.NoteSaved(true);
                AssertValid(model, before);
                if (action is MenuAction.Launch or MenuAction.Save)
                    Assert.InRange(model.SelectedCount, MemoryPlanner.MinimumGuests, MemoryPlanner.MaximumGuests);
                if (action == MenuAction.Native)
                    Assert.True(model.Entries[model.Cursor].Verdict.CanRun());
                AssertReadable(model, rows);
            }
        });

    [Fact]
    public void Press_Order_ChangesWhatStartsFirst()
    {
        MenuModel model = Model(Systems(3));
        Press(ref model, MenuKey.Down, MenuKey.Earlier);
        Assert.Equal([2, 1, 3], Selected(model));
        Press(ref model, MenuKey.Later, MenuKey.Later, MenuKey.Later);
        Assert.Equal([1, 3, 2], Selected(model));
        Press(ref model, MenuKey.Up, MenuKey.Toggle);
        Assert.Equal([1, 2], Selected(model));
        Assert.Equal(MenuAction.Launch, model.Press(MenuKey.Launch));
    }

    [Theory]
    [InlineData(MenuKey.Launch)]
    [InlineData(MenuKey.Save)]
    public void Press_WithOneSystem_SaysThatItTakesTwo(MenuKey key)
    {
        MenuModel model = Model(Systems(2));
        model.Press(MenuKey.Toggle);
        Assert.Equal(MenuAction.None, model.Press(key));
        Assert.Equal(MenuMessage.TooFew, model.Message);
    }

    [Fact]
    public void Toggle_OfSwitcherItself_IsRefused()
    {
        MenuModel model = Model([.. Systems(2), Entry(3, OptionVerdict.Switcher)]);
        Press(ref model, MenuKey.Down, MenuKey.Down, MenuKey.Toggle);
        Assert.Equal([1, 2], Selected(model));
        Assert.Equal(MenuMessage.IsSwitcher, model.Message);
        Assert.Equal(MenuAction.None, model.Press(MenuKey.Native));
    }

    /// <summary>A tool or a copy is chosen on purpose, and comes behind the systems.</summary>
    [Theory]
    [InlineData(OptionVerdict.Tool, MenuMessage.IsTool)]
    [InlineData(OptionVerdict.Repeated, MenuMessage.IsRepeated)]
    [InlineData(OptionVerdict.DiskStart, MenuMessage.IsDiskStart)]
    [InlineData(OptionVerdict.Inactive, MenuMessage.IsElsewhere)]
    public void Toggle_OfWhatIsLeftOut_WarnsAndTakesIt(OptionVerdict verdict, MenuMessage message)
    {
        MenuModel model = Model([.. Systems(2), Entry(3, OptionVerdict.Switcher), Entry(4, verdict)]);
        Press(ref model, MenuKey.Down, MenuKey.Down, MenuKey.Down, MenuKey.Toggle);
        Assert.Equal([1, 2, 4], Selected(model));
        Assert.Equal((message, 2, 3), (model.Message, model.Cursor, model.Systems));
    }

    /// <summary>One loader with one set of options is one system, however often the firmware lists it.</summary>
    [Fact]
    public void Toggle_OfTheSameLoaderWithTheSameOptions_Exchanges()
    {
        MenuModel model = Model([.. Systems(2), Entry(3, OptionVerdict.Repeated, group: 1)]);
        Press(ref model, MenuKey.Down, MenuKey.Down, MenuKey.Toggle);
        Assert.Equal([2, 3], Selected(model));
        Assert.Equal(MenuMessage.Exchanged, model.Message);
    }

    [Fact]
    public void Launch_OfMoreThanAllMemory_IsRefused()
    {
        MenuEntry[] entries = Systems(2);
        entries[0].Memory = MemoryRequest.FromPercent(60);
        entries[1].Memory = MemoryRequest.FromPercent(50);
        MenuModel model = Model(entries);
        Assert.Equal(MenuAction.None, model.Press(MenuKey.Launch));
        Assert.Equal(MenuMessage.TooMuchMemory, model.Message);
    }

    [Fact]
    public void Memory_PressedOnAndOn_ComesBackToWhatIsStored()
    {
        MenuEntry[] entries = Systems(2);
        entries[0].Memory = entries[0].StoredMemory = MemoryRequest.FromBytes(6144UL << 20);
        MenuModel model = Model(entries);
        List<string> seen = [];
        do
        {
            model.Press(MenuKey.Memory);
            seen.Add(Page(model, MenuPage.LeastRows)[3][34..].Trim());
        }
        while (entries[0].HasNewMemory);
        Assert.Equal(["equal", "10%", "20%", "30%", "40%", "50%", "60%", "70%", "80%", "90%", "6G"], seen);
    }

    [Fact]
    public void Render_Proposal_IsWhatTheReadmeShows()
    {
        MenuEntry[] entries = Systems(2);
        entries[1].Memory = MemoryRequest.FromPercent(40);
        entries[0].Place = MenuText.StartOf(@"HD(1,5e7b)\EFI\debian\shimx64.efi"u8);
        MenuModel model = Model([.. entries, Entry(3, OptionVerdict.Repeated), Entry(4, OptionVerdict.Switcher)]);
        model.Press(MenuKey.Down);
        string[] page = Page(model, MenuPage.LeastRows);
        Assert.Equal(
            [
                "Switcher: which systems run beside each other?",
                "This choice is not saved.",
                "  Run  System                     Memory   Loader",
                @"  [ 1] system 1                   equal    HD(1,5e7b)\EFI\debian\shimx64.efi",
                "> [ 2] system 2                   40%",
                "Not proposed:",
                "  [  ] system 3                   starts the same system as Boot0001",
                "       system 4                   Switcher itself",
            ],
            page[..8]);
        Assert.Equal("Enter: start the 2 selected  S: save  N: this one natively  Esc: firmware", page[^1]);
    }

    [Fact]
    public void Text_OfEveryMessage_FitsAPage() => Assert.All(
        Enum.GetValues<MenuMessage>(), message => Assert.InRange(message.Text().Length, 0, MenuPage.Width));

    private static void AssertValid(in MenuModel model, ushort[] numbers)
    {
        MenuEntry[] entries = model.Entries.ToArray();
        Assert.Equal(numbers, entries.Select(entry => entry.Number).Order());
        Assert.InRange(model.Cursor, 0, Math.Max(entries.Length - 1, 0));
        Assert.InRange(model.Systems, 0, entries.Length);
        MenuEntry[] selected = [.. entries.Where(entry => entry.IsSelected)];
        Assert.InRange(selected.Length, 0, MemoryPlanner.MaximumGuests);
        Assert.DoesNotContain(selected, entry => !entry.Verdict.CanRun());
        Assert.Equal(selected.Length, selected.Select(entry => entry.Group).Distinct().Count());
        Assert.DoesNotContain(entries.Skip(model.Systems), entry => entry.IsSelected);
        Assert.Equal(selected.Select(entry => (int)entry.Number), Selected(model));
    }

    /// <summary>Printable, not wider than the page, and the highlighted system is among what is shown.</summary>
    private static void AssertReadable(in MenuModel model, int rows)
    {
        string[] page = Page(model, rows);
        Assert.All(page, row => Assert.DoesNotContain(row, c => c is < ' ' or > '~'));
        if (!model.IsHelp && !model.Entries.IsEmpty)
            Assert.Contains($"system {model.Entries[model.Cursor].Number} ", Assert.Single(page, row => row.StartsWith('>')) + " ");
    }

    private static string[] Page(in MenuModel model, int rows)
    {
        byte[] cells = new byte[rows * MenuPage.Width];
        var page = new MenuPage(cells, new MenuStyle[rows]);
        MenuView.Render(model, page);
        return [.. Enumerable.Range(0, rows).Select(
            row => Encoding.Latin1.GetString(cells, row * MenuPage.Width, MenuPage.Width).TrimEnd())];
    }

    private static MenuModel Model(MenuEntry[] entries) =>
        new(entries, entries.Count(entry => entry.Verdict == OptionVerdict.System), isStored: false);

    private static MenuEntry[] Systems(int count)
    {
        MenuEntry[] entries = [.. Enumerable.Range(1, count).Select(i => Entry(i, OptionVerdict.System))];
        for (int i = 0; i < count; i++)
            entries[i].IsSelected = true;
        return entries;
    }

    private static MenuEntry Entry(int number, OptionVerdict verdict, int? group = null) => new()
    {
        Number = (ushort)number,
        Verdict = verdict,
        Repeats = 1,
        Group = (byte)(group ?? number),
        Label = MenuText.StartOf(Encoding.ASCII.GetBytes($"system {number}")),
    };

    private static int[] Selected(in MenuModel model)
    {
        ushort[] numbers = new ushort[MemoryPlanner.MaximumGuests];
        return [.. numbers.Take(model.CopySelected(numbers)).Select(number => (int)number)];
    }

    private static void Press(ref MenuModel model, params ReadOnlySpan<MenuKey> keys)
    {
        foreach (MenuKey key in keys)
            Assert.Equal(MenuAction.None, model.Press(key));
    }
}

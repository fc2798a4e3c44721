using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using CsCheck;
using Switcher.Boot.Config;
using Switcher.Boot.Menu;
using Switcher.Boot.Plan;
using Switcher.Boot.Verdict;
using Switcher.Tests.Boot.Config;
using Xunit;

namespace Switcher.Tests.Boot.Menu;

/// <summary>What the menu shows at first.</summary>
public sealed class MenuSurveyTests
{
    private const string Shim = @"\EFI\debian\shimx64.efi";

    private readonly Dictionary<ushort, byte[]> _options = [];

    public MenuSurveyTests()
    {
        Add(1, Shim);
        Add(2, @"\EFI\Microsoft\Boot\bootmgfw.efi");
        Add(3, Shim.ToUpperInvariant());
        Add(4, @"\EFI\BOOT\BOOTX64.EFI");
        Add(5, @"\EFI\Switcher\Switcher.efi");
        Add(6, @"\EFI\tools\shellx64.efi");
        Add(7, @"\EFI\fedora\shim.efi", attributes: 0);
        Add(8, @"\EFI\a\folder\with\a\name\that\is\long\loader.efi", "root=2");
        _options[9] = BootOptionTests.Option(1, "setup", BootOptionTests.End, []);
    }

    [Fact]
    public void Fill_WithoutAList_SelectsTheProposalAndGivesReasonsForTheRest()
    {
        MenuEntry[] entries = Fill([], [1, 3, 4, 5, 2, 6, 7, 9, 10, 8, 1], out int systems);
        Assert.Equal([1, 2, 8, 3, 4, 5, 6, 7, 9], entries.Select(entry => (int)entry.Number));
        Assert.Equal(3, systems);
        Assert.Equal([1, 2, 8], Selected(entries));
        Assert.Equal(
            [
                OptionVerdict.Repeated, OptionVerdict.DiskStart, OptionVerdict.Switcher, OptionVerdict.Tool, OptionVerdict.Inactive,
                OptionVerdict.Elsewhere,
            ],
            entries.Skip(3).Select(entry => entry.Verdict));
        Assert.Equal((1, entries[0].Group), (entries[3].Repeats, entries[3].Group));
        Assert.Equal(@"HD(1,0403)\EFI\debian\shimx64.efi", Text(entries[0].Place));
        Assert.Equal("...th\\a\\name\\that\\is\\long\\loader.efi", Text(entries[2].Place));
        Assert.Equal("system 1", Text(entries[0].Label));
    }

    [Fact]
    public void Fill_WithAList_SelectsItInItsOrder()
    {
        MenuEntry[] entries = Fill([6, 1], [1, 2, 3, 6], out int systems);
        Assert.Equal([6, 1, 2, 3], entries.Select(entry => (int)entry.Number));
        Assert.Equal(3, systems);
        Assert.Equal([6, 1], Selected(entries));
    }

    [Fact]
    public void Fill_AnyOrder_SelectsWhatTheVerdictProposes() => Gen.UShort[0, 10].Array[0, 30].Sample(order =>
    {
        var options = new Options(_options);
        ushort[] chosen = new ushort[MemoryPlanner.MaximumGuests];
        var findings = new Findings();
        int count = GuestVerdict.Propose(ref options, MemoryMarshal.AsBytes<ushort>(order), chosen, ref findings);
        Assert.Equal(chosen.Take(count).Select(number => (int)number), Selected(Fill([], order, out _)));
    });

    private static int[] Selected(MenuEntry[] entries) => [.. entries.Where(entry => entry.IsSelected).Select(entry => (int)entry.Number)];

    private static string Text(MenuText text) => Encoding.ASCII.GetString(text.Written);

    private MenuEntry[] Fill(ushort[] listed, ushort[] order, out int systems)
    {
        var options = new Options(_options);
        MenuEntry[] entries = new MenuEntry[MenuSurvey.MaximumEntries];
        return entries[..MenuSurvey.Fill(ref options, listed, MemoryMarshal.AsBytes<ushort>(order), entries, out systems)];
    }

    private void Add(ushort number, string path, string options = "", uint attributes = 1)
    {
        byte[] nodes = [.. BootOptionTests.HardDrive, .. BootOptionTests.File(path), .. BootOptionTests.End];
        _options[number] = BootOptionTests.Option(attributes, $"system {number}", nodes, Encoding.Unicode.GetBytes(options));
    }

    private readonly struct Findings : IFindings
    {
        public void Add(Severity severity, scoped ReadOnlySpan<byte> sentence)
        {
        }
    }

    private readonly struct Options(Dictionary<ushort, byte[]> options) : IBootOptions
    {
        public bool TryRead(ushort number, out ReadOnlySpan<byte> variable)
        {
            bool isThere = options.TryGetValue(number, out byte[]? value);
            variable = value;
            return isThere;
        }

        public bool IsSwitcher(in BootOption option) => option.FilePath.IndexOf(Encoding.Unicode.GetBytes("Switcher.efi")) >= 0;

        public bool IsSameLoader(in BootOption a, in BootOption b) => LoaderPath.AreEqual(a, b);

        public void Warn(ushort number, ReadOnlySpan<byte> text)
        {
        }
    }
}

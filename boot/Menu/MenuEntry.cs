using Switcher.Boot.Plan;
using Switcher.Boot.Verdict;

namespace Switcher.Boot.Menu;

/// <summary>One boot option in the menu.</summary>
public struct MenuEntry
{
    /// <summary>Number of the <c>Boot####</c> option.</summary>
    public ushort Number;

    /// <summary>What it is to Switcher.</summary>
    public OptionVerdict Verdict;

    /// <summary>For a repeated one: the option that it repeats.</summary>
    public ushort Repeats;

    /// <summary>The same for options that start one file with one set of options: only one of them can run.</summary>
    public byte Group;

    /// <summary>Whether it is to run.</summary>
    public bool IsSelected;

    /// <summary>The memory that it is to have.</summary>
    public MemoryRequest Memory;

    /// <summary>The memory that is stored for it.</summary>
    public MemoryRequest StoredMemory;

    /// <summary>The firmware's name for it.</summary>
    public MenuText Label;

    /// <summary>Where its loader is, in short.</summary>
    public MenuText Place;

    /// <summary>Whether its memory is another than what is stored.</summary>
    public readonly bool HasNewMemory => !MemoryChoice.AreEqual(Memory, StoredMemory);
}

using System;
using Switcher.Boot.Plan;
using Switcher.Boot.Verdict;

namespace Switcher.Boot.Menu;

/// <summary>
/// The menu without its screen: what is selected, in which order, and what a key changes. Systems come first, in the order in which they
/// start; what is left out stands below them, and comes up when it is selected all the same.
/// </summary>
public ref struct MenuModel
{
    private readonly Span<MenuEntry> _entries;

    /// <param name="entries">As <see cref="MenuSurvey.Fill"/> gives them: systems before all others.</param>
    /// <param name="systems">How many of them are systems.</param>
    /// <param name="isStored">Whether this is the choice that the firmware has stored.</param>
    public MenuModel(Span<MenuEntry> entries, int systems, bool isStored)
    {
        _entries = entries;
        Systems = systems;
        IsStored = isStored;
    }

    /// <summary>All entries in their order.</summary>
    public readonly ReadOnlySpan<MenuEntry> Entries => _entries;

    /// <summary>How many of them are in the upper part, where there is an order.</summary>
    public int Systems { get; private set; }

    /// <summary>The highlighted entry.</summary>
    public int Cursor { get; private set; }

    /// <summary>Whether the help is shown in place of the list.</summary>
    public bool IsHelp { get; private set; }

    /// <summary>What there is to say about the last key.</summary>
    public MenuMessage Message { get; private set; }

    /// <summary>Whether the firmware has what is shown.</summary>
    public bool IsStored { get; private set; }

    /// <summary>How many are to run.</summary>
    public readonly int SelectedCount
    {
        get
        {
            int count = 0;
            foreach (ref readonly MenuEntry entry in Entries)
                count += entry.IsSelected ? 1 : 0;
            return count;
        }
    }

    /// <summary>Does what a key says.</summary>
    /// <returns>What the caller has to do. Launch and Save come only with a choice that can run.</returns>
    public MenuAction Press(MenuKey key)
    {
        Message = MenuMessage.None;
        if (IsHelp)
        {
            IsHelp = false;
            return MenuAction.None;
        }

        switch (key)
        {
            case MenuKey.Up:
                Cursor = Math.Max(Cursor - 1, 0);
                break;
            case MenuKey.Down:
                Cursor = Math.Max(Math.Min(Cursor + 1, _entries.Length - 1), 0);
                break;
            case MenuKey.Toggle:
                Toggle();
                break;
            case MenuKey.Earlier:
                Exchange(Cursor - 1);
                break;
            case MenuKey.Later:
                Exchange(Cursor + 1);
                break;
            case MenuKey.Memory:
                ChangeMemory();
                break;
            case MenuKey.Save:
                return Checked(MenuAction.Save);
            case MenuKey.Launch:
                return Checked(MenuAction.Launch);
            case MenuKey.Native:
                return Native();
            case MenuKey.Leave:
                return MenuAction.Leave;
            case MenuKey.Help:
                IsHelp = true;
                break;
        }

        return MenuAction.None;
    }

    /// <summary>Told how the action Save went.</summary>
    public void NoteSaved(bool isStored)
    {
        Message = isStored ? MenuMessage.Saved : MenuMessage.NotSaved;
        IsStored = isStored;
        foreach (ref MenuEntry entry in _entries)
        {
            if (isStored && entry.IsSelected)
                entry.StoredMemory = entry.Memory;
        }
    }

    /// <summary>The numbers of those that are to run; the first starts first.</summary>
    /// <param name="numbers">Room for <see cref="MemoryPlanner.MaximumGuests"/>.</param>
    public readonly int CopySelected(scoped Span<ushort> numbers)
    {
        int count = 0;
        foreach (ref readonly MenuEntry entry in Entries)
        {
            if (entry.IsSelected)
                numbers[count++] = entry.Number;
        }

        return count;
    }

    private void Toggle()
    {
        if (_entries.IsEmpty)
            return;
        if (!_entries[Cursor].Verdict.CanRun())
        {
            Message = MenuMessage.IsSwitcher;
            return;
        }

        if (_entries[Cursor].IsSelected)
        {
            _entries[Cursor].IsSelected = false;
            IsStored = false;
            return;
        }

        bool isExchanged = Deselect(_entries[Cursor].Group);
        if (SelectedCount == MemoryPlanner.MaximumGuests)
        {
            Message = MenuMessage.TooMany;
            return;
        }

        Message = isExchanged ? MenuMessage.Exchanged : WarningOf(_entries[Cursor].Verdict);
        IsStored = false;
        _entries[Cursor].IsSelected = true;
        if (Cursor >= Systems)
            MoveUpTo(Systems++);
    }

    private readonly bool Deselect(byte group)
    {
        bool isAny = false;
        foreach (ref MenuEntry entry in _entries)
        {
            if (entry.Group == group && entry.IsSelected)
            {
                entry.IsSelected = false;
                isAny = true;
            }
        }

        return isAny;
    }

    private void MoveUpTo(int place)
    {
        MenuEntry moved = _entries[Cursor];
        for (int i = Cursor; i > place; i--)
            _entries[i] = _entries[i - 1];
        _entries[place] = moved;
        Cursor = place;
    }

    private void Exchange(int place)
    {
        if (Cursor >= Systems || place < 0 || place >= Systems)
            return;
        (_entries[Cursor], _entries[place]) = (_entries[place], _entries[Cursor]);
        Cursor = place;
        IsStored = false;
    }

    private void ChangeMemory()
    {
        if (Cursor >= Systems)
            return;
        ref MenuEntry entry = ref _entries[Cursor];
        entry.Memory = MemoryChoice.After(entry.Memory, entry.StoredMemory);
        IsStored = false;
    }

    private MenuAction Native()
    {
        if (_entries.IsEmpty)
            return MenuAction.None;
        if (_entries[Cursor].Verdict.CanRun())
            return MenuAction.Native;
        Message = MenuMessage.IsSwitcher;
        return MenuAction.None;
    }

    private MenuAction Checked(MenuAction action)
    {
        if (SelectedCount < MemoryPlanner.MinimumGuests)
            Message = MenuMessage.TooFew;
        else if (AsksForTooMuch())
            Message = MenuMessage.TooMuchMemory;
        return Message == MenuMessage.None ? action : MenuAction.None;
    }

    /// <summary>By percentages alone: how much memory there is for bytes, the plan finds out.</summary>
    private readonly bool AsksForTooMuch()
    {
        ulong percent = 0;
        bool isMoreAsked = false;
        foreach (ref readonly MenuEntry entry in Entries)
        {
            if (entry.IsSelected && entry.Memory.Unit == MemoryUnit.Percent)
                percent += entry.Memory.Value;
            else
                isMoreAsked |= entry.IsSelected;
        }

        return percent > 100 || (percent == 100 && isMoreAsked);
    }

    private static MenuMessage WarningOf(OptionVerdict verdict) => verdict switch
    {
        OptionVerdict.Repeated => MenuMessage.IsRepeated,
        OptionVerdict.DiskStart => MenuMessage.IsDiskStart,
        OptionVerdict.Tool => MenuMessage.IsTool,
        OptionVerdict.Elsewhere or OptionVerdict.Inactive => MenuMessage.IsElsewhere,
        _ => MenuMessage.None,
    };
}

using System;
using Switcher.Boot.Config;
using Switcher.Boot.Menu;
using Switcher.Boot.Plan;
using Switcher.Boot.Text;
using Switcher.Efi.Firmware;
using Switcher.Efi.Guests;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Steps;

/// <summary>
/// The step "menu": without a list nothing runs until the user has chosen; with one the menu appears only for who presses a key in time.
/// </summary>
internal static unsafe class SystemMenu
{
    /// <summary>Has the user choose, where there is need or wish.</summary>
    /// <returns>False if Switcher is not to run now: one system is to start without it, or the firmware is to go on.</returns>
    public static bool Run(BootContext* boot)
    {
        if (boot->IsListed && !Countdown.IsInterrupted(boot))
            return true;

        // Who has only just read a warning must not find it gone.
        if (!boot->IsListed && boot->Firmware.HasWarned)
            Keyboard.TryWait(&boot->Firmware, Refusal.ReadingSeconds, out _);
        var entries = boot->Firmware.Allocate<MenuEntry>(MenuSurvey.MaximumEntries);
        if (entries == null || !Screen.TryCreate(&boot->Firmware, out Screen screen)
            || !screen.TryCreatePage(&boot->Firmware, out MenuPage page))
        {
            return boot->IsListed
                || boot->Firmware.Refusal.Because("nobody has chosen systems yet, and the firmware has no console for the menu"u8);
        }

        // The firmware's watchdog runs for loaders that hang, not for users who think.
        Watchdog.Stop(&boot->Firmware);
        Keyboard.Drain(&boot->Firmware);
        MenuModel model = Survey(boot, new Span<MenuEntry>(entries, MenuSurvey.MaximumEntries));
        MenuAction action = Ask(boot, ref model, ref screen, page);
        screen.Close();
        return Follow(boot, model, action);
    }

    private static MenuModel Survey(BootContext* boot, Span<MenuEntry> entries)
    {
        Span<ushort> listed = stackalloc ushort[MemoryPlanner.MaximumGuests];
        int listedCount = 0;
        for (; boot->IsListed && listedCount < boot->Plan.Guests.Count; listedCount++)
            listed[listedCount] = boot->Plan.Guests.At(listedCount)->BootOption;
        Variables.TryRead(&boot->Firmware, VariableVendor.Global, "BootOrder"u8, out ReadOnlySpan<byte> order);
        var options = new FirmwareOptions(&boot->Firmware, isShown: false);
        entries = entries.Slice(0, MenuSurvey.Fill(ref options, listed.Slice(0, listedCount), order, entries, out int systems));
        for (int i = 0; i < entries.Length; i++)
        {
            TryReadOptions(boot, entries[i].Number, out ReadOnlySpan<byte> text);
            entries[i].Memory = GuestOptions.Parse(text, default, out _).Memory;
            entries[i].StoredMemory = entries[i].Memory;
        }

        return new MenuModel(entries, systems, boot->IsListed);
    }

    /// <summary>Shows the menu until there is something to do.</summary>
    private static MenuAction Ask(BootContext* boot, ref MenuModel model, ref Screen screen, MenuPage page)
    {
        MenuAction action = MenuAction.None;
        for (bool isFirst = true; action == MenuAction.None; isFirst = false)
        {
            MenuView.Render(model, page);
            screen.Show(page);
            if (isFirst)
                Report(model);
            Keyboard.TryWait(&boot->Firmware, Keyboard.Forever, out InputKey key);
            action = model.Press(MenuKeys.Of(key.ScanCode, key.UnicodeChar));
            if (action != MenuAction.Save)
                continue;
            model.NoteSaved(Save(boot, model));
            action = MenuAction.None;
        }

        return action;
    }

    private static void Report(in MenuModel model)
    {
        var line = new LogLine("STEP menu"u8);
        line.Number("systems"u8, (ulong)model.Systems);
        line.Number("others"u8, (ulong)(model.Entries.Length - model.Systems));
        line.Number("selected"u8, (ulong)model.SelectedCount);
        line.WriteTo<Log>();
    }

    private static bool Save(BootContext* boot, in MenuModel model)
    {
        Span<ushort> numbers = stackalloc ushort[MemoryPlanner.MaximumGuests];
        int count = model.CopySelected(numbers);
        bool isStored = true;
        foreach (ref readonly MenuEntry entry in model.Entries)
        {
            if (entry.IsSelected && entry.HasNewMemory)
                isStored &= SaveMemory(boot, entry);
        }

        // SAFETY: bytes of the numbers above; UEFI runs on little-endian processors only.
        fixed (ushort* first = numbers)
        {
            isStored = isStored && !Variables.Write(
                &boot->Firmware, "SwitcherGuests"u8, new ReadOnlySpan<byte>(first, count * sizeof(ushort))).IsError;
        }

        var line = new LogLine("INFO menu saved"u8);
        line.Number("guests"u8, (ulong)count);
        line.Word("stored"u8, isStored ? "yes"u8 : "no"u8);
        line.WriteTo<Log>();
        return isStored;
    }

    private static bool SaveMemory(BootContext* boot, in MenuEntry entry)
    {
        TryReadOptions(boot, entry.Number, out ReadOnlySpan<byte> text);
        int room = text.Length + LogLine.Capacity;
        byte* memory = (byte*)boot->Firmware.Allocate((ulong)room);
        if (memory == null)
            return false;
        int length = MemoryLine.Replace(text, entry.Memory, new Span<byte>(memory, room));
        EfiStatus status = length < 0 ? EfiStatus.OutOfResources : Variables.WriteNumbered(
            &boot->Firmware, "SwitcherGuest"u8, entry.Number, new ReadOnlySpan<byte>(memory, length));
        boot->Firmware.Release(memory, (ulong)room);
        return !status.IsError;
    }

    private static bool TryReadOptions(BootContext* boot, ushort number, out ReadOnlySpan<byte> text) =>
        Variables.TryReadNumbered(&boot->Firmware, Variables.SwitcherVendor, "SwitcherGuest"u8, number, out text);

    /// <summary>Makes the choice the guests of this boot.</summary>
    private static bool Follow(BootContext* boot, in MenuModel model, MenuAction action)
    {
        var line = new LogLine("INFO menu left"u8);
        line.Word("for"u8, action switch
        {
            MenuAction.Launch => "guests"u8,
            MenuAction.Native => "native"u8,
            _ => "firmware"u8,
        });
        line.WriteTo<Log>();
        boot->HasLeft = action == MenuAction.Leave;
        Span<ushort> numbers = stackalloc ushort[MemoryPlanner.MaximumGuests];
        int count = action == MenuAction.Launch ? model.CopySelected(numbers) : 0;
        if (action == MenuAction.Native)
            numbers[count++] = model.Entries[model.Cursor].Number;
        if (!Configuration.Choose(boot, numbers.Slice(0, count)))
            return false;
        foreach (ref readonly MenuEntry entry in model.Entries)
        {
            for (int i = 0; i < boot->Plan.Guests.Count; i++)
            {
                if (boot->Plan.Guests.At(i)->BootOption == entry.Number)
                    boot->Plan.Guests.At(i)->Memory = entry.Memory;
            }
        }

        return action == MenuAction.Launch;
    }
}

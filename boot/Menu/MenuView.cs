using System;
using Switcher.Boot.Text;
using Switcher.Boot.Verdict;

namespace Switcher.Boot.Menu;

/// <summary>Puts the menu on a page.</summary>
public static class MenuView
{
    private const int MarkColumn = 2;
    private const int LabelColumn = 7;
    private const int LabelWidth = 26;
    private const int MemoryColumn = LabelColumn + LabelWidth + 1;
    private const int MemoryWidth = 8;
    private const int PlaceColumn = MemoryColumn + MemoryWidth + 1;

    private const int HeadingRow = 2;
    private const int FirstListRow = 3;

    // A blank row, the message and two rows of keys.
    private const int FooterRows = 4;

    /// <summary>Writes all of the page.</summary>
    public static void Render(in MenuModel model, MenuPage page)
    {
        page.Clear();
        page.SetStyle(0, MenuStyle.Title);
        page.Write(0, 0, "Switcher: which systems run beside each other?"u8);
        if (model.IsHelp)
        {
            RenderHelp(page);
            return;
        }

        page.Write(1, 0, model.IsStored ? "This choice is saved: it starts by itself."u8 : "This choice is not saved."u8);
        RenderList(model, page);
        RenderFooter(model, page);
    }

    private static void RenderList(in MenuModel model, MenuPage page)
    {
        page.Write(HeadingRow, MarkColumn, "Run"u8);
        page.Write(HeadingRow, LabelColumn, "System"u8);
        page.Write(HeadingRow, MemoryColumn, "Memory"u8);
        page.Write(HeadingRow, PlaceColumn, "Loader"u8);

        // One line an entry, and one between the parts. The list moves up as far as it must, so that the highlighted line is seen.
        int room = page.Rows - FirstListRow - FooterRows;
        int first = Math.Max(LineOf(model, model.Cursor) - room + 1, 0);
        int order = 0;
        for (int i = 0; i < model.Entries.Length; i++)
        {
            ref readonly MenuEntry entry = ref model.Entries[i];
            order += entry.IsSelected ? 1 : 0;
            int line = LineOf(model, i) - first;
            if (line >= 0 && line < room)
                RenderEntry(model, i, order, page, FirstListRow + line);
        }

        int heading = model.Systems - first;
        if (model.Systems < model.Entries.Length && heading >= 0 && heading < room)
            page.Write(FirstListRow + heading, 0, "Not proposed:"u8);
    }

    private static int LineOf(in MenuModel model, int index) => index < model.Systems ? index : index + 1;

    private static void RenderEntry(in MenuModel model, int index, int order, MenuPage page, int row)
    {
        ref readonly MenuEntry entry = ref model.Entries[index];
        bool isHighlighted = index == model.Cursor;
        if (isHighlighted)
            page.Write(row, 0, ">"u8);
        LogLine text = default;
        if (entry.IsSelected)
        {
            text.Text(order < 10 ? "[ "u8 : "["u8);
            text.Decimal((ulong)order);
            text.Text("]"u8);
        }
        else
        {
            text.Text(entry.Verdict.CanRun() ? "[  ]"u8 : ""u8);
        }

        page.Write(row, MarkColumn, text.Written);
        ReadOnlySpan<byte> label = entry.Label.Written;
        page.Write(row, LabelColumn, label[..Math.Min(label.Length, LabelWidth)]);
        text = default;
        if (index < model.Systems)
        {
            MemoryChoice.Append(ref text, entry.Memory);
            page.Write(row, MemoryColumn, text.Written);
            page.Write(row, PlaceColumn, entry.Place.Written);
        }
        else
        {
            text.Text(entry.Verdict.Reason());
            if (entry.Verdict == OptionVerdict.Repeated)
                text.HexDigits(entry.Repeats, 4);
            page.Write(row, MemoryColumn, text.Written);
        }

        page.SetStyle(row, isHighlighted ? MenuStyle.Highlighted : index < model.Systems ? MenuStyle.Plain : MenuStyle.Grey);
    }

    private static void RenderFooter(in MenuModel model, MenuPage page)
    {
        page.SetStyle(page.Rows - 3, MenuStyle.Notice);
        page.Write(page.Rows - 3, 0, model.Message.Text());
        page.Write(page.Rows - 2, 0, "Up/Down: highlight  Space: run it or not  +/-: order  M: memory  ?: help"u8);
        LogLine text = default;
        text.Text("Enter: start the "u8);
        text.Decimal((ulong)model.SelectedCount);
        text.Text(" selected  S: save  N: this one natively  Esc: firmware"u8);
        page.Write(page.Rows - 1, 0, text.Written);
    }

    private static void RenderHelp(MenuPage page)
    {
        page.Write(2, 0, "Up, Down  highlight another system."u8);
        page.Write(3, 0, "Space     run the highlighted system, or do not. At least two have to run."u8);
        page.Write(4, 0, "+ -       start it before the one above it, or after the one below it."u8);
        page.Write(5, 0, "          The first starts; to suspend it to RAM is to switch to the next."u8);
        page.Write(6, 0, "M         another share of the memory for it: \"equal\" is an equal part of what"u8);
        page.Write(7, 0, "          the others leave."u8);
        page.Write(8, 0, "S         save the choice: from the next start on it runs by itself, after the"u8);
        page.Write(9, 0, "          time in SwitcherTimeout. A key in that time opens this menu."u8);
        page.Write(10, 0, "Enter     start what is selected. This is saved only by S."u8);
        page.Write(11, 0, "N         start the highlighted system alone, as if Switcher were not there."u8);
        page.Write(12, 0, "Esc       back to the firmware."u8);
        page.Write(14, 0, "Loaders that are listed twice, tools and what is not on a fixed disk are not"u8);
        page.Write(15, 0, "proposed. They can be selected all the same, but a system that runs twice on"u8);
        page.Write(16, 0, "one disk destroys what is on it."u8);
        page.Write(page.Rows - 1, 0, "Any key: back to the menu"u8);
    }
}

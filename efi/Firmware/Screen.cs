using System;
using Switcher.Boot.Menu;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Firmware;

/// <summary>
/// Pages on the firmware's console. Each row that changes is written anew, with a line's end behind it, so that a serial line that somebody
/// records has whole lines too.
/// </summary>
internal unsafe ref struct Screen
{
    // UEFI 2.10, 12.4.6 SetAttribute(): the foreground in the lower bits, the background from bit 4 on.
    private const nuint LightGrey = 0x07;
    private const nuint DarkGrey = 0x08;
    private const nuint Yellow = 0x0E;
    private const nuint White = 0x0F;
    private const nuint BlackOnLightGrey = 0x70;

    private readonly SimpleTextOutput* _output;
    private readonly nuint _attribute;
    private MenuPage _shown;
    private bool _hasPage;

    private Screen(SimpleTextOutput* output, MenuPage page)
    {
        _output = output;
        _attribute = output->Mode == null ? LightGrey : (nuint)(uint)output->Mode->Attribute;
        _shown = page;
    }

    /// <summary>Takes over the console.</summary>
    /// <returns>False if there is none, or no memory for a page.</returns>
    public static bool TryCreate(UefiFirmware* firmware, out Screen screen)
    {
        screen = default;
        SimpleTextOutput* output = firmware->Table->ConOut;
        if (output == null || firmware->Table->ConIn == null)
            return false;
        int rows = RowsOf(output);
        if (!TryCreatePage(firmware, rows, out MenuPage page))
            return false;
        screen = new Screen(output, page);
        return true;
    }

    /// <summary>A blank page for this console.</summary>
    public readonly bool TryCreatePage(UefiFirmware* firmware, out MenuPage page) => TryCreatePage(firmware, _shown.Rows, out page);

    /// <summary>Shows a page in place of the one before.</summary>
    public void Show(in MenuPage page)
    {
        if (!_hasPage)
        {
            _output->SetAttribute(_output, LightGrey);
            _output->ClearScreen(_output);
            _output->EnableCursor(_output, 0);
        }

        for (int row = 0; row < page.Rows; row++)
        {
            if (!_hasPage || !page.IsSameRow(_shown, row))
                Write(page, row);
        }

        _shown.CopyFrom(page);
        _hasPage = true;
    }

    /// <summary>Leaves the console blank, as a loader expects it.</summary>
    public readonly void Close()
    {
        _output->SetAttribute(_output, _attribute);
        _output->ClearScreen(_output);
        _output->EnableCursor(_output, 1);
    }

    private static bool TryCreatePage(UefiFirmware* firmware, int rows, out MenuPage page)
    {
        page = default;
        byte* memory = (byte*)firmware->Allocate((ulong)(rows * (MenuPage.Width + sizeof(MenuStyle))));
        if (memory == null)
            return false;
        // SAFETY: the memory is ours and has a byte for each cell and one for each style.
        page = new MenuPage(
            new Span<byte>(memory, rows * MenuPage.Width), new Span<MenuStyle>(memory + (rows * MenuPage.Width), rows));
        page.Clear();
        return true;
    }

    /// <summary>Rows that a page can have; a console that is too narrow is set to the mode that every one has.</summary>
    private static int RowsOf(SimpleTextOutput* output)
    {
        nuint columns = 0;
        nuint rows = 0;
        if (output->Mode == null || output->QueryMode(output, (nuint)(uint)output->Mode->Mode, &columns, &rows).IsError)
            return MenuPage.LeastRows;
        if (columns > MenuPage.Width && rows > MenuPage.LeastRows)
            return (int)Math.Min(rows - 1, MenuPage.MostRows);
        output->SetMode(output, 0);
        return MenuPage.LeastRows;
    }

    private readonly void Write(in MenuPage page, int row)
    {
        char* text = stackalloc char[MenuPage.Width + 3];
        ReadOnlySpan<byte> cells = page.Row(row);
        for (int i = 0; i < MenuPage.Width; i++)
            text[i] = (char)cells[i];
        text[MenuPage.Width] = '\r';
        text[MenuPage.Width + 1] = '\n';
        text[MenuPage.Width + 2] = '\0';
        _output->SetAttribute(_output, page.StyleOf(row) switch
        {
            MenuStyle.Title => White,
            MenuStyle.Highlighted => BlackOnLightGrey,
            MenuStyle.Grey => DarkGrey,
            MenuStyle.Notice => Yellow,
            _ => LightGrey,
        });
        _output->SetCursorPosition(_output, 0, (nuint)row);
        _output->OutputString(_output, text);
    }
}

using System;

namespace Switcher.Boot.Menu;

/// <summary>How a row looks, where a console has colours; what it says never depends on that.</summary>
public enum MenuStyle : byte
{
    Plain,
    Title,
    Highlighted,
    Grey,
    Notice,
}

/// <summary>
/// A screen of text: rows of one width in printable ASCII, as any console has them. A row is one column narrower than the narrowest
/// console, so that no terminal breaks it.
/// </summary>
public readonly ref struct MenuPage
{
    /// <summary>Characters of a row: UEFI 2.10, 12.4 has 80 columns in the mode that every console has.</summary>
    public const int Width = 79;

    /// <summary>Rows of the smallest page: that mode's 25 without the last, in which a line's end would move all of it up.</summary>
    public const int LeastRows = 24;

    /// <summary>Rows of the largest page.</summary>
    public const int MostRows = 60;

    private readonly Span<byte> _cells;
    private readonly Span<MenuStyle> _styles;

    /// <param name="cells"><see cref="Width"/> for each row.</param>
    /// <param name="styles">One for each row, at least <see cref="LeastRows"/>.</param>
    public MenuPage(Span<byte> cells, Span<MenuStyle> styles)
    {
        _cells = cells;
        _styles = styles;
    }

    public int Rows => _styles.Length;

    /// <summary>A row's characters, blanks at its end included.</summary>
    public ReadOnlySpan<byte> Row(int row) => _cells.Slice(row * Width, Width);

    public MenuStyle StyleOf(int row) => _styles[row];

    /// <summary>Makes all rows blank.</summary>
    public void Clear()
    {
        _cells.Fill((byte)' ');
        _styles.Clear();
    }

    public void SetStyle(int row, MenuStyle style) => _styles[row] = style;

    /// <summary>Writes text into a row; what has no room is cut.</summary>
    /// <returns>The column behind it.</returns>
    public int Write(int row, int column, ReadOnlySpan<byte> text)
    {
        Span<byte> cells = _cells.Slice(row * Width, Width);
        for (int i = 0; i < text.Length && column < Width; i++)
            cells[column++] = text[i];
        return column;
    }

    /// <summary>Whether a row is the same on another page.</summary>
    public bool IsSameRow(in MenuPage other, int row) =>
        _styles[row] == other._styles[row] && Row(row).SequenceEqual(other.Row(row));

    /// <summary>Takes over what another page of the same size has.</summary>
    public void CopyFrom(in MenuPage other)
    {
        other._cells.CopyTo(_cells);
        other._styles.CopyTo(_styles);
    }
}

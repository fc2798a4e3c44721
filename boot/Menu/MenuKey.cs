namespace Switcher.Boot.Menu;

/// <summary>What a key means in the menu.</summary>
public enum MenuKey : byte
{
    /// <summary>Nothing.</summary>
    Other,
    Up,
    Down,

    /// <summary>Run the highlighted system, or do not.</summary>
    Toggle,

    /// <summary>Start it before the one above it.</summary>
    Earlier,

    /// <summary>Start it after the one below it.</summary>
    Later,

    /// <summary>Another share of the memory for it.</summary>
    Memory,
    Save,
    Launch,

    /// <summary>Only the highlighted one, without Switcher.</summary>
    Native,
    Leave,
    Help,
}

/// <summary>Which keys there are. All but the arrows are characters, so that any terminal has them.</summary>
public static class MenuKeys
{
    // UEFI 2.10, table 12-10 "EFI Scan Codes for EFI_SIMPLE_TEXT_INPUT_PROTOCOL".
    private const ushort Up = 0x01;
    private const ushort Down = 0x02;
    private const ushort F1 = 0x0B;
    private const ushort Escape = 0x17;

    /// <summary>The meaning of a key as the firmware reports it.</summary>
    /// <param name="scanCode">For a key without a character.</param>
    /// <param name="unit">The character, or NUL.</param>
    public static MenuKey Of(ushort scanCode, char unit) => scanCode switch
    {
        Up => MenuKey.Up,
        Down => MenuKey.Down,
        F1 => MenuKey.Help,
        Escape => MenuKey.Leave,
        _ => unit switch
        {
            // + is = with the shift key on most keyboards, and - is _ without it.
            ' ' => MenuKey.Toggle,
            '+' or '=' => MenuKey.Earlier,
            '-' or '_' => MenuKey.Later,
            'm' or 'M' => MenuKey.Memory,
            's' or 'S' => MenuKey.Save,
            'n' or 'N' => MenuKey.Native,
            '\r' or '\n' => MenuKey.Launch,
            '?' or 'h' or 'H' => MenuKey.Help,
            _ => MenuKey.Other,
        },
    };
}

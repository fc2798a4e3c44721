using System;

namespace Switcher.Boot.Menu;

/// <summary>What the menu has to say about the last key.</summary>
public enum MenuMessage : byte
{
    None,
    TooFew,
    TooMany,
    TooMuchMemory,
    IsSwitcher,
    IsRepeated,
    IsDiskStart,
    IsTool,
    IsElsewhere,
    Exchanged,
    Saved,
    NotSaved,
}

/// <summary>The messages in words.</summary>
public static class MenuMessages
{
    /// <summary>At most <see cref="MenuPage.Width"/> characters.</summary>
    public static ReadOnlySpan<byte> Text(this MenuMessage message) => message switch
    {
        MenuMessage.None => default,
        MenuMessage.TooFew => "Select at least two systems. N starts the highlighted one alone."u8,
        MenuMessage.TooMany => "There can be no more than 16 systems."u8,
        MenuMessage.TooMuchMemory => "The selected systems ask for more than all memory. M changes a share."u8,
        MenuMessage.IsSwitcher => "Switcher does not run under Switcher."u8,
        MenuMessage.IsRepeated => "CAREFUL: one system that runs twice on one disk destroys what is on it."u8,
        MenuMessage.IsDiskStart => "CAREFUL: this may be the same system as another one of its disk."u8,
        MenuMessage.IsTool => "This looks like a tool: it may restart the machine or never suspend."u8,
        MenuMessage.IsElsewhere => "This is not on a fixed disk, or switched off: it may be gone at the next start."u8,
        MenuMessage.Exchanged => "The same loader with the same options can run only once: it was exchanged."u8,
        MenuMessage.Saved => "Saved. From now on these start by themselves; a key in time opens this menu."u8,
        MenuMessage.NotSaved => "The firmware did not store it."u8,
        _ => "?"u8,
    };
}

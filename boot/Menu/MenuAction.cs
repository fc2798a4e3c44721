namespace Switcher.Boot.Menu;

/// <summary>What is to be done after a key.</summary>
public enum MenuAction : byte
{
    /// <summary>Wait for the next one.</summary>
    None,

    /// <summary>Store the choice, and go on.</summary>
    Save,

    /// <summary>Start the selected systems.</summary>
    Launch,

    /// <summary>Start the highlighted one without Switcher.</summary>
    Native,

    /// <summary>Back to the firmware.</summary>
    Leave,
}

namespace Switcher.Runner.Flash;

/// <summary>The flash with the firmware's variables.</summary>
/// <param name="Store">The file that is the flash, an empty one if it does not exist; it stays when the machine is gone.</param>
/// <param name="WriteLog">Gets every write to it, in order; null for no log.</param>
public sealed record FlashOptions(string Store, string? WriteLog = null);

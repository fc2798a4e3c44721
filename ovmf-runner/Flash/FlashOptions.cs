namespace Switcher.Runner.Flash;

/// <summary>The flash with the firmware's variables.</summary>
/// <param name="Store">The file that is the flash, an empty one if it does not exist; it stays when the machine is gone.</param>
/// <param name="WriteLog">Gets every write to it, in order; null for no log.</param>
/// <param name="IsKept">
/// Whether the file gets what the machine writes. If not, the flash is memory, which is far faster: a file is written to for each byte that
/// a firmware programs. The machine may not be reset then.
/// </param>
public sealed record FlashOptions(string Store, string? WriteLog = null, bool IsKept = true);

namespace Switcher.Runner.Flash;

/// <summary>One write to the flash, as it was logged.</summary>
/// <param name="Offset">Where it went, in bytes from the start of the flash.</param>
/// <param name="Length">Bytes written; 0 for a flush.</param>
/// <param name="LogOffset">Where the bytes are in the log.</param>
public readonly record struct FlashWrite(long Offset, int Length, long LogOffset);

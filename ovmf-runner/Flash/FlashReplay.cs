using System;
using System.IO;

namespace Switcher.Runner.Flash;

/// <summary>
/// The flash as it was after each of the logged writes: what a machine leaves that loses power, or whose emulator is killed, right after
/// that write.
/// </summary>
public sealed class FlashReplay
{
    private readonly FlashWriteLog _log;
    private readonly byte[] _store;
    private byte[] _data = [];

    /// <summary>Begins before the first write.</summary>
    /// <param name="log">The writes.</param>
    /// <param name="start">The flash as it was when the log began.</param>
    public FlashReplay(FlashWriteLog log, ReadOnlySpan<byte> start)
    {
        _log = log;
        _store = start.ToArray();
    }

    /// <summary>The flash after <see cref="Position"/> writes.</summary>
    public ReadOnlySpan<byte> Store => _store;

    /// <summary>How many writes were made.</summary>
    public int Position { get; private set; }

    /// <summary>Makes the next write.</summary>
    /// <returns>The bytes that it changed, from the first to the last; empty if it wrote what was there.</returns>
    /// <exception cref="InvalidDataException">The write is not inside the flash.</exception>
    public Range Step()
    {
        FlashWrite write = _log.Writes[Position];
        if (write.Length > _store.Length || write.Offset > _store.Length - write.Length)
            throw new InvalidDataException($"write {Position} of the log is not inside the flash: 0x{write.Offset:X}");
        if (_data.Length < write.Length)
            _data = new byte[write.Length];
        Span<byte> data = _data.AsSpan(0, write.Length);
        _log.ReadData(write, data);
        int offset = (int)write.Offset;
        Span<byte> target = _store.AsSpan(offset, write.Length);
        int first = data.CommonPrefixLength(target);
        int end = write.Length;
        while (end > first && data[end - 1] == target[end - 1])
            end--;
        data.CopyTo(target);
        Position++;
        return new Range(offset + first, offset + end);
    }

    /// <summary>Makes all writes up to some number of them.</summary>
    public void AdvanceTo(int position)
    {
        while (Position < position)
            Step();
    }
}

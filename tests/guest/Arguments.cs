using System;
using Switcher.Agent;
using Switcher.Boot.Memory;

namespace Switcher.Tests.Guest;

/// <summary>What follows a step's name, separated by colons.</summary>
internal ref struct Arguments
{
    private ReadOnlySpan<byte> _rest;

    public Arguments(ReadOnlySpan<byte> text) => _rest = text;

    /// <summary>Takes everything before the next separator.</summary>
    public static ReadOnlySpan<byte> TakeUntil(scoped ref ReadOnlySpan<byte> text, byte separator)
    {
        int length = 0;
        while (length < text.Length && text[length] != separator)
            length++;
        ReadOnlySpan<byte> part = text.Slice(0, length);
        text = text.Slice(length < text.Length ? length + 1 : length);
        return part;
    }

    /// <summary>The next argument; false at the end.</summary>
    public bool TryNext(out ReadOnlySpan<byte> argument)
    {
        argument = TakeUntil(ref _rest, (byte)':');
        return !argument.IsEmpty;
    }

    /// <summary>The next argument as a range, 0xSTART+0xLENGTH.</summary>
    public bool TryNextRange(out MemoryRange range)
    {
        range = default;
        if (!TryNext(out ReadOnlySpan<byte> text))
            return false;
        var start = new Words(TakeUntil(ref text, (byte)'+'));
        var length = new Words(text);
        if (!start.TryNextNumber(out ulong first) || !length.TryNextNumber(out ulong bytes))
            return false;
        range = new MemoryRange(first, bytes);
        return true;
    }
}

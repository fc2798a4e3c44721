using System;
using Switcher.Agent.Linux;

namespace Switcher.Agent;

/// <summary>Small text files, as /proc and /sys have them. Paths end with a zero byte.</summary>
internal static class TextFile
{
    /// <summary>Reads as much as fits.</summary>
    /// <returns>The text read; empty if the file cannot be opened.</returns>
    public static ReadOnlySpan<byte> Read(ReadOnlySpan<byte> path, Span<byte> buffer)
    {
        long file = Kernel.Open(path, Kernel.ReadOnly);
        if (file < 0)
            return default;
        int length = 0;
        while (length < buffer.Length)
        {
            long count = Kernel.Read(file, buffer.Slice(length));
            if (count <= 0)
                break;
            length += (int)count;
        }

        Kernel.Close(file);
        return buffer.Slice(0, length);
    }

    /// <summary>Writes a text in one piece, as files of /sys want it.</summary>
    /// <returns>0, or a negative error number.</returns>
    public static long Write(ReadOnlySpan<byte> path, ReadOnlySpan<byte> text)
    {
        long file = Kernel.Open(path, Kernel.WriteOnly);
        if (file < 0)
            return file;
        long result = Kernel.Write(file, text);
        Kernel.Close(file);
        return result;
    }

    /// <summary>The number that follows a word in a file such as /proc/meminfo, or 0.</summary>
    public static ulong NumberAfter(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word)
    {
        int start = Words.Find(text, word);
        if (start < 0)
            return 0;
        var words = new Words(text.Slice(start + word.Length));
        return words.TryNextNumber(out ulong value) ? value : 0;
    }
}

using System;
using Switcher.Boot.Plan;
using Switcher.Boot.Text;

namespace Switcher.Boot.Menu;

/// <summary>Changes the line <c>memory=</c> of the variable <c>SwitcherGuest####</c>, and no other.</summary>
public static class MemoryLine
{
    /// <summary>Writes the variable's text with another memory request.</summary>
    /// <param name="text">What the variable has.</param>
    /// <param name="memory">The request; an equal share has no line.</param>
    /// <param name="destination">Receives the new text.</param>
    /// <returns>Its length, or -1 if there is no room for it.</returns>
    public static int Replace(ReadOnlySpan<byte> text, MemoryRequest memory, Span<byte> destination)
    {
        int length = 0;
        foreach (TextLine line in new TextLines(text))
        {
            if (!IsMemory(line.Text) && !TryAdd(line.Text, destination, ref length))
                return -1;
        }

        if (memory.Unit == MemoryUnit.Share)
            return length;
        var added = new LogLine("memory="u8);
        MemoryChoice.Append(ref added, memory);
        return TryAdd(added.Written, destination, ref length) ? length : -1;
    }

    private static bool IsMemory(ReadOnlySpan<byte> line)
    {
        int equals = line.IndexOf((byte)'=');
        return equals > 0 && TextLines.Trim(line[..equals]).SequenceEqual("memory"u8);
    }

    private static bool TryAdd(ReadOnlySpan<byte> line, Span<byte> destination, ref int length)
    {
        if (line.Length >= destination.Length - length)
            return false;
        line.CopyTo(destination[length..]);
        destination[length + line.Length] = (byte)'\n';
        length += line.Length + 1;
        return true;
    }
}

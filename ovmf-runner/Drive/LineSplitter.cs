using System;
using System.Text;

namespace Switcher.Runner.Drive;

/// <summary>Cuts a stream of bytes into lines, however the bytes arrive. Carriage returns are dropped.</summary>
/// <param name="onLine">Called with each complete line.</param>
public sealed class LineSplitter(Action<string> onLine)
{
    /// <summary>A line that never ends is cut here, so that a machine gone wild cannot fill the memory.</summary>
    private const int LongestLine = 16 << 10;

    private readonly StringBuilder _line = new();

    public void Add(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            if (value == '\n' || _line.Length >= LongestLine)
                Flush();
            if (value is not ((byte)'\n' or (byte)'\r' or 0))
                _line.Append(value < 0x80 ? (char)value : '?');
        }
    }

    /// <summary>Hands over an unfinished last line, if there is one.</summary>
    public void End()
    {
        if (_line.Length > 0)
            Flush();
    }

    private void Flush()
    {
        onLine(_line.ToString());
        _line.Clear();
    }
}

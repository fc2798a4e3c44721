using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace Switcher.Runner.Emulators;

/// <summary>
/// The debug port of Bochs: its standard output, where bytes written to port 0xE9 go at once. Bochs's own words come before the first of
/// them, between two lines of equals signs, and are left out.
/// </summary>
/// <param name="output">Standard output.</param>
internal sealed class BochsOutput(Stream output) : Stream
{
    private const int RulesAroundBanner = 2;

    private int _rules;
    private bool _inRule;
    private bool _lineBegins = true;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancel = default)
    {
        while (true)
        {
            int count = await output.ReadAsync(buffer, cancel);
            int banner = BannerBytes(buffer.Span[..count]);
            if (count > 0 && banner == count)
                continue;
            buffer[banner..count].CopyTo(buffer);
            return count - banner;
        }
    }

    public override int Read(byte[] buffer, int offset, int count)
        => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            output.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>How many of the next bytes still belong to the banner.</summary>
    private int BannerBytes(ReadOnlySpan<byte> bytes)
    {
        int count = 0;
        while (count < bytes.Length && _rules < RulesAroundBanner)
        {
            byte next = bytes[count++];
            if (_lineBegins)
                _inRule = next == '=';
            _lineBegins = next == '\n';
            if (_lineBegins && _inRule)
                _rules++;
        }

        return count;
    }
}

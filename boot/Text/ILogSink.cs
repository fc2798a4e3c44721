using System;

namespace Switcher.Boot.Text;

/// <summary>
/// Where log lines go. A type parameter, so that the boot side, the hypervisor and the tests write the same lines to different places.
/// </summary>
public interface ILogSink
{
    /// <summary>Takes one complete line in ASCII with its LF at the end: whole, so that lines of several CPUs need not mix.</summary>
    static abstract void Write(ReadOnlySpan<byte> line);
}

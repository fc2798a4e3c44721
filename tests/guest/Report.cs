using System;
using System.Threading;
using Switcher.Boot.Text;

namespace Switcher.Tests.Guest;

/// <summary>
/// What the guest says: lines <c>GUEST SUBJECT guest=NAME key=value...</c>. The verdict of everything is in the last, <c>GUEST done</c>.
/// </summary>
internal static class Report
{
    private static int s_bad;

    /// <summary>How many things were not as they must be.</summary>
    public static int BadCount => Volatile.Read(ref s_bad);

    /// <summary>Begins a line.</summary>
    public static LogLine Begin(ReadOnlySpan<byte> subject)
    {
        var line = new LogLine("GUEST "u8);
        line.Text(subject);
        line.Word("guest"u8, Options.Name);
        return line;
    }

    /// <summary>Writes a line that says nothing else.</summary>
    public static void Say(ReadOnlySpan<byte> subject)
    {
        LogLine line = Begin(subject);
        line.WriteTo<DebugPort>();
    }

    /// <summary>Reports something that is not as it must be.</summary>
    public static void Bad(ReadOnlySpan<byte> what)
    {
        LogLine line = BeginBad(what);
        line.WriteTo<DebugPort>();
    }

    /// <summary>Reports something that is not as it must be; the caller completes the line.</summary>
    public static LogLine BeginBad(ReadOnlySpan<byte> what)
    {
        Interlocked.Increment(ref s_bad);
        LogLine line = Begin("bad"u8);
        line.Quoted("what"u8, what);
        return line;
    }

    /// <summary>Reports a value that is not what it must be.</summary>
    public static void ExpectEqual(ReadOnlySpan<byte> what, ulong found, ulong expected)
    {
        if (found == expected)
            return;
        LogLine line = BeginBad(what);
        line.Hex("found"u8, found);
        line.Hex("expected"u8, expected);
        line.WriteTo<DebugPort>();
    }

    /// <summary>Reports what does not hold.</summary>
    /// <param name="found">The value that shows it.</param>
    public static void Expect(bool holds, ReadOnlySpan<byte> what, ulong found)
    {
        if (holds)
            return;
        LogLine line = BeginBad(what);
        line.Hex("found"u8, found);
        line.WriteTo<DebugPort>();
    }
}

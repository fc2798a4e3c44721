using System;
using Switcher.Agent;
using Switcher.Boot.Text;
using Switcher.Tests.Guest.Devices;

namespace Switcher.Tests.Guest;

/// <summary>
/// The step <c>listen</c>: takes steps from the agents' line, in the agents' words: <c>sw SEQUENCE STEP</c> in, <c>@sw GUEST done
/// seq=SEQUENCE</c> or <c>error</c> out. The step <c>go-on</c> goes on with the script. So a test can use in one step what another has
/// shown.
/// </summary>
internal static class Listener
{
    private const int LongestLine = 256;

    public static void Run()
    {
        SerialPort.Start();
        Say("ready"u8, 0);
        Span<byte> buffer = stackalloc byte[LongestLine];
        while (true)
        {
            var words = new Words(SerialPort.ReadLine(buffer));
            if (!Words.Same(words.Next(), "sw"u8) || !words.TryNextNumber(out ulong sequence))
                continue;
            ReadOnlySpan<byte> step = words.Next();
            if (Words.Same(step, "go-on"u8))
            {
                Say("done"u8, sequence);
                return;
            }

            int bad = Report.BadCount;
            Script.RunStep(step);
            Say(Report.BadCount == bad ? "done"u8 : "error"u8, sequence);
        }
    }

    private static void Say(ReadOnlySpan<byte> name, ulong sequence)
    {
        var line = new LogLine("@sw "u8);
        line.Text(Options.Name);
        line.Text(" "u8);
        line.Text(name);
        line.Number("seq"u8, sequence);
        line.Word("reason"u8, "see-its-lines-on-the-debug-port"u8);
        line.WriteTo<AgentPort>();
    }

    private struct AgentPort : ILogSink
    {
        public static void Write(ReadOnlySpan<byte> line) => SerialPort.Write(line);
    }
}

using System;
using Switcher.Agent.Linux;

namespace Switcher.Agent;

/// <summary>Runs a line of the shell, whose programs are busybox's. What they write goes to the console.</summary>
internal static unsafe class Shell
{
    private const int LongestLine = 512;

    /// <summary>Waits for the end of a line.</summary>
    /// <returns>0, or a negative number: the line's exit status or an error number.</returns>
    public static long Run(ReadOnlySpan<byte> line)
    {
        var text = new TextLine(stackalloc byte[LongestLine]);
        text.Add("PATH=/bin;"u8);
        text.Add(line);
        text.Add(0);
        long process = Kernel.Fork();
        if (process == 0)
        {
            fixed (byte* shell = "sh\0"u8, option = "-c\0"u8, script = text.Text)
            {
                byte** arguments = stackalloc byte*[] { shell, option, script, null };
                Kernel.Execute("/bin/busybox\0"u8, arguments);
            }

            Kernel.Exit(127);
        }

        if (process < 0)
            return process;
        long result = Kernel.Wait(out int status);
        return result < 0 ? result : -((status >> 8) & 0xFF);
    }
}

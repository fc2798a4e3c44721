using System;
using System.Runtime;
using Switcher.Agent.Linux;

namespace Switcher.Agent;

/// <summary>
/// The agent: <c>agent GUEST PORT</c>. It fills memory, writes files, suspends and checks, all at the command of the runner at the other
/// end of the port.
/// </summary>
internal static unsafe class Program
{
    private const int LongestCommand = 256;

    /// <summary>Called with the process's first stack: the number of arguments, their addresses, and what follows.</summary>
    [RuntimeExport("AgentMain")]
    private static int AgentMain(byte** stack)
    {
        if ((long)stack[0] < 3)
        {
            Kernel.Write(2, "usage: agent GUEST PORT\n"u8);
            return 2;
        }

        ReadOnlySpan<byte> guest = Argument(stack[2]);
        if (!Port.Open(new ReadOnlySpan<byte>(stack[3], Argument(stack[3]).Length + 1), guest))
        {
            Kernel.Write(2, "agent: cannot open the port\n"u8);
            return 1;
        }

        TextLine ready = Port.Begin(stackalloc byte[128], "ready"u8);
        ready.AddKey("cpus"u8);
        ready.AddDecimal(Cpus.Online());
        ready.AddKey("tsc"u8);
        ready.AddDecimal((long)Stubs.ReadTsc());
        ready.AddKey("idle"u8);
        ready.AddDecimal((long)Cpus.Idle());
        Port.Send(ref ready);
        ulong seed = SeedOf(guest);
        Span<byte> command = stackalloc byte[LongestCommand];
        while (true)
            Commands.Execute(Port.Receive(command), seed);
    }

    /// <summary>A broken rule of the language ends here.</summary>
    [RuntimeExport("Panic")]
    private static void Panic(string reason)
    {
        Kernel.Write(2, "agent: internal error\n"u8);
        Kernel.Exit(3);
    }

    private static ReadOnlySpan<byte> Argument(byte* text)
    {
        int length = 0;
        while (text[length] != 0)
            length++;
        return new ReadOnlySpan<byte>(text, length);
    }

    /// <summary>A number that differs from guest to guest: FNV-1a of its name.</summary>
    private static ulong SeedOf(ReadOnlySpan<byte> name)
    {
        ulong hash = 0xCBF2_9CE4_8422_2325;
        for (int i = 0; i < name.Length; i++)
            hash = (hash ^ name[i]) * 0x0000_0100_0000_01B3;
        return hash;
    }
}

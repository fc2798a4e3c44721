using System;
using Switcher.Agent.Linux;

namespace Switcher.Agent;

/// <summary>
/// The serial line to the runner. Commands come as <c>sw SEQUENCE COMMAND ARGUMENTS</c>, one a line; what the agent says is
/// <c>@sw GUEST EVENT key=value...</c>.
/// </summary>
internal static unsafe class Port
{
    private const ulong GetSettings = 0x5401;      // TCGETS
    private const ulong SetSettings = 0x5402;      // TCSETS
    private const ulong Drain = 0x5409;            // TCSBRK, with an argument other than 0: wait until all is sent
    private const uint Speed115200 = 0x1002;
    private const uint EightBitsReceiveLocal = 0x8B0;

    private static long s_file;
    private static GuestName s_guest;

    /// <summary>Opens the line and switches off all that a terminal would do with the bytes.</summary>
    /// <param name="path">The device, with a zero byte at the end.</param>
    /// <param name="guest">The name to put into every line, at most 63 characters.</param>
    /// <returns>Whether it worked.</returns>
    public static bool Open(ReadOnlySpan<byte> path, ReadOnlySpan<byte> guest)
    {
        s_guest.Length = guest.Length < 63 ? guest.Length : 63;
        for (int i = 0; i < s_guest.Length; i++)
            s_guest.Text[i] = guest[i];
        s_file = Kernel.Open(path, Kernel.ReadWrite | Kernel.NoTerminal);
        if (s_file < 0)
            return false;
        TerminalSettings settings;
        if (Kernel.Control(s_file, GetSettings, &settings) < 0)
            return false;
        settings.Input = 0;
        settings.Output = 0;
        settings.Local = 0;
        settings.Control = Speed115200 | EightBitsReceiveLocal;
        settings.Characters[5] = 0;                // VTIME
        settings.Characters[6] = 1;                // VMIN
        return Kernel.Control(s_file, SetSettings, &settings) >= 0;
    }

    /// <summary>Begins a line.</summary>
    public static TextLine Begin(Span<byte> buffer, ReadOnlySpan<byte> name)
    {
        var line = new TextLine(buffer);
        line.Add("@sw "u8);
        fixed (byte* guest = s_guest.Text)
            line.Add(new ReadOnlySpan<byte>(guest, s_guest.Length));
        line.Add((byte)' ');
        line.Add(name);
        return line;
    }

    /// <summary>Sends a line and waits until the last bit of it is out.</summary>
    public static void Send(ref TextLine line)
    {
        line.Add((byte)'\n');
        Kernel.Write(s_file, line.Text);
        Kernel.Control(s_file, Drain, (void*)1);
    }

    /// <summary>Waits for one line; longer ones are cut.</summary>
    public static ReadOnlySpan<byte> Receive(Span<byte> buffer)
    {
        int length = 0;
        Span<byte> one = stackalloc byte[1];
        while (true)
        {
            if (Kernel.Read(s_file, one) != 1)
                continue;
            if (one[0] == '\n')
                return buffer.Slice(0, length);
            if (length < buffer.Length)
                buffer[length++] = one[0];
        }
    }

    /// <summary>struct termios of the system call (Linux source, "include/uapi/asm-generic/termbits.h").</summary>
    private struct TerminalSettings
    {
        public uint Input;
        public uint Output;
        public uint Control;
        public uint Local;
        public byte Line;
        public fixed byte Characters[19];
    }

    private struct GuestName
    {
        public fixed byte Text[64];
        public int Length;
    }
}

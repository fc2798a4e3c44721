using System;
using System.Runtime.InteropServices;

namespace Switcher.Runner.Drive;

/// <summary>
/// Takes all editing and signalling off the terminal, so that every key reaches the guest as it is (termios(3), cfmakeraw). Disposing it
/// puts everything back. It is done within this process, because .NET sets the terminal anew whenever a child process of it ends.
/// </summary>
internal sealed class RawTerminal : IDisposable
{
    private const int StandardInput = 0;
    private const int Now = 0;

    /// <summary>More than struct termios takes on any C library.</summary>
    private const int SettingsBytes = 128;

    private readonly byte[] _before = new byte[SettingsBytes];
    private readonly bool _changed;

    /// <summary>Changes the terminal, if standard input is one.</summary>
    public RawTerminal()
    {
        if (GetAttributes(StandardInput, _before) != 0)
            return;
        byte[] raw = [.. _before];
        MakeRaw(raw);
        _changed = SetAttributes(StandardInput, Now, raw) == 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_changed)
            _ = SetAttributes(StandardInput, Now, _before);
    }

    [DllImport("libc", EntryPoint = "tcgetattr")]
    private static extern int GetAttributes(int file, [Out] byte[] settings);

    [DllImport("libc", EntryPoint = "tcsetattr")]
    private static extern int SetAttributes(int file, int when, byte[] settings);

    [DllImport("libc", EntryPoint = "cfmakeraw")]
    private static extern void MakeRaw([In, Out] byte[] settings);
}

using System;

namespace Switcher.Runner.Emulators;

/// <summary>
/// What the log of Bochs says about the machine's end: the only place where it does. Its exit status is 1 whenever it ends by itself.
/// </summary>
internal sealed class BochsLog
{
    private const string Panic = ">>PANIC<< ";

    private int _resets;

    /// <summary>How the machine came to its end, as far as the log says by now.</summary>
    public EmulatorEnd End { get; private set; } = EmulatorEnd.Died;

    /// <summary>Why Bochs gave up; empty if it did not.</summary>
    public string LastError { get; private set; } = "";

    /// <summary>Reads one line.</summary>
    /// <returns>Whether the machine has just been reset, and starts again.</returns>
    public bool Read(string line)
    {
        int panic = line.IndexOf(Panic, StringComparison.Ordinal);
        if (panic >= 0)
            LastError = line[(panic + Panic.Length)..];
        if (line.Contains("ACPI control: soft power off", StringComparison.Ordinal))
            End = EmulatorEnd.PowerOff;
        else if (line.Contains("exception with no resolution", StringComparison.Ordinal))
            End = EmulatorEnd.Reset;
        if (!line.Contains("bx_pc_system_c::Reset(", StringComparison.Ordinal) || ++_resets == 1)
            return false;
        End = EmulatorEnd.Reset;
        return true;
    }
}

using System;
using System.Diagnostics.CodeAnalysis;
using Switcher.Boot.Text;
using Switcher.Boot.Verdict;

namespace Switcher.Efi.Firmware;

/// <summary>Why Switcher will not run here: the first reason counts, and it is one line for the user.</summary>
internal struct Refusal
{
    /// <summary>How long a line stays on the screen for a user who presses no key.</summary>
    public const ushort ReadingSeconds = 15;

    private LogLine _reason;

    /// <summary>The reason, empty as long as there is none.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Reason => _reason.Written;

    /// <summary>Gives a reason.</summary>
    /// <returns>False, for the step that fails to return.</returns>
    public bool Because(ReadOnlySpan<byte> reason)
    {
        if (_reason.Written.Length == 0)
            _reason.Text(reason);
        return false;
    }

    /// <summary>Gives a reason that was put together.</summary>
    /// <returns>False.</returns>
    public bool Because(ref LogLine reason) => Because(reason.Written);

    /// <summary>Says it on the log and on the firmware's console, and leaves time to read it.</summary>
    public unsafe void Report(UefiFirmware* firmware)
    {
        Keyboard.Drain(firmware);
        var line = new LogLine("STEP refused"u8);
        line.Quoted("reason"u8, _reason.Written);
        line.WriteTo<Log>();
        var message = new LogLine("Switcher cannot run two systems here: "u8);
        message.Text(_reason.Written);
        firmware->Print(message.Written);
        var wait = new LogLine("The first system starts without Switcher in "u8);
        wait.Decimal(ReadingSeconds);
        wait.Text(" s, or when you press a key."u8);
        firmware->Print(wait.Written);
        Keyboard.TryWait(firmware, ReadingSeconds, out _);
    }
}

/// <summary>Takes the findings of the boot: what is not certain to work is refused, the rest is logged.</summary>
internal readonly unsafe struct BootFindings(UefiFirmware* firmware) : IFindings
{
    public void Add(Severity severity, scoped ReadOnlySpan<byte> sentence)
    {
        if (severity != Severity.Note)
        {
            firmware->Refusal.Because(sentence);
            return;
        }

        var line = new LogLine("INFO machine"u8);
        line.Quoted("note"u8, sentence);
        line.WriteTo<Log>();
    }
}

using System;
using Switcher.Boot.Text;

namespace Switcher.Efi.Firmware;

/// <summary>Why Switcher will not run here: the first reason counts, and it is one line for the user.</summary>
internal static class Refusal
{
    private static LogLine s_reason;

    /// <summary>The reason, empty as long as there is none.</summary>
    public static ReadOnlySpan<byte> Reason => s_reason.Written;

    /// <summary>Gives a reason.</summary>
    /// <returns>False, for the step that fails to return.</returns>
    public static bool Because(ReadOnlySpan<byte> reason)
    {
        if (s_reason.Written.Length == 0)
            s_reason.Text(reason);
        return false;
    }

    /// <summary>Gives a reason that was put together.</summary>
    /// <returns>False.</returns>
    public static bool Because(ref LogLine reason) => Because(reason.Written);

    /// <summary>Says it on the log and on the firmware's console.</summary>
    public static void Report()
    {
        var line = new LogLine("STEP refused"u8);
        line.Quoted("reason"u8, s_reason.Written);
        line.WriteTo<Log>();
        var message = new LogLine("Switcher cannot run two systems here: "u8);
        message.Text(s_reason.Written);
        FirmwareAccess.Print(message.Written);
    }
}

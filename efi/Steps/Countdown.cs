using Switcher.Boot.Text;
using Switcher.Efi.Firmware;

namespace Switcher.Efi.Steps;

/// <summary>Says what is about to start and leaves the user time to object.</summary>
internal static unsafe class Countdown
{
    /// <summary>Waits for the configured time or a key, longer if there is something to read; not at all if the time is 0.</summary>
    /// <returns>Whether the user wants the menu.</returns>
    public static bool IsInterrupted(BootContext* boot)
    {
        if (boot->Timeout is 0 or Keyboard.Forever)
            return boot->Timeout == Keyboard.Forever;
        ushort seconds = boot->Firmware.HasWarned && boot->Timeout < Refusal.ReadingSeconds ? Refusal.ReadingSeconds : boot->Timeout;
        Keyboard.Drain(&boot->Firmware);
        var line = new LogLine("Switcher starts "u8);
        for (int i = 0; i < boot->Plan.Guests.Count; i++)
        {
            line.Text(i == 0 ? ""u8 : ", "u8);
            line.Text(boot->Plan.Guests.At(i)->NameText);
        }

        line.Text(" in "u8);
        line.Decimal(seconds);
        line.Text(" s (any key: menu)"u8);
        boot->Firmware.Print(line.Written);
        return Keyboard.TryWait(&boot->Firmware, seconds, out _);
    }
}

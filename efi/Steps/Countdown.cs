using Switcher.Boot.Text;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Steps;

/// <summary>Says what is about to boot and leaves the user time to object.</summary>
internal static unsafe class Countdown
{
    private const ushort Forever = 0xFFFF;

    // UEFI 2.10, table 12-10 "EFI Scan Codes for EFI_SIMPLE_TEXT_INPUT_PROTOCOL".
    private const ushort Escape = 0x17;

    /// <summary>Waits for the configured time or a key.</summary>
    /// <returns>False if the user wants the first system alone.</returns>
    public static bool Run(BootContext* boot)
    {
        if (boot->Timeout == 0)
            return true;
        var line = new LogLine("Switcher: "u8);
        for (int i = 0; i < boot->Plan.Guests.Count; i++)
        {
            line.Text(i == 0 ? ""u8 : ", "u8);
            line.Text(boot->Plan.Guests.At(i)->NameText);
        }

        line.Text(" (Esc: only the first, any other key: go on)"u8);
        boot->Firmware.Print(line.Written);

        SimpleTextInput* input = boot->Firmware.Table->ConIn;
        const int StepsInSecond = 10;
        const nuint StepMicroseconds = 100_000;
        for (int step = 0; boot->Timeout == Forever || step < boot->Timeout * StepsInSecond; step++)
        {
            InputKey key;
            if (input != null && !input->ReadKeyStroke(input, &key).IsError)
                return key.ScanCode != Escape;
            boot->Firmware.Services->Stall(StepMicroseconds);
        }

        return true;
    }
}

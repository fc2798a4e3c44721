using Switcher.Boot.Text;
using Switcher.Efi.Firmware;
using Switcher.Efi.Guests;
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
    public static bool Run()
    {
        if (Configuration.Timeout == 0)
            return true;
        var line = new LogLine("Switcher: "u8);
        for (int i = 0; i < BootGuests.Count; i++)
        {
            line.Text(i == 0 ? ""u8 : ", "u8);
            line.Text(BootGuests.At(i).NameText);
        }

        line.Text(" (Esc: only the first, any other key: go on)"u8);
        FirmwareAccess.Print(line.Written);

        SimpleTextInput* input = FirmwareAccess.Table->ConIn;
        const int StepsInSecond = 10;
        const nuint StepMicroseconds = 100_000;
        for (int step = 0; Configuration.Timeout == Forever || step < Configuration.Timeout * StepsInSecond; step++)
        {
            InputKey key;
            if (input != null && !input->ReadKeyStroke(input, &key).IsError)
                return key.ScanCode != Escape;
            FirmwareAccess.Services->Stall(StepMicroseconds);
        }

        return true;
    }
}

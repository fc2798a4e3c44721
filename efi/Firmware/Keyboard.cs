using Switcher.Efi.Uefi;

namespace Switcher.Efi.Firmware;

/// <summary>The keys of the firmware's console, whatever it is: a keyboard, a serial terminal.</summary>
internal static unsafe class Keyboard
{
    /// <summary>Waits for ever.</summary>
    public const ushort Forever = 0xFFFF;

    // UEFI 2.10, 12.3.3 ReadKeyStroke(): a key that is not there is EFI_NOT_READY, and so there is no end of keys to wait for.
    private const int StepsInSecond = 20;
    private const nuint StepMicroseconds = 50_000;

    // A key that is held down ends nothing for longer than this.
    private const int DrainedSteps = 2 * StepsInSecond;
    private const int DrainedKeys = 64;

    /// <summary>
    /// Forgets the keys that were pressed until now, and those of a key that is still held down: they were meant for another program.
    /// </summary>
    public static void Drain(UefiFirmware* firmware)
    {
        for (int step = 0; step < DrainedSteps && DrainOnce(firmware); step++)
            firmware->Services->Stall(StepMicroseconds);
    }

    /// <summary>Waits for a key.</summary>
    /// <param name="firmware">Whose console.</param>
    /// <param name="seconds">How long, or <see cref="Forever"/>.</param>
    /// <param name="key">The key.</param>
    /// <returns>False if the time is over.</returns>
    public static bool TryWait(UefiFirmware* firmware, ushort seconds, out InputKey key)
    {
        for (int step = 0; seconds == Forever || step < seconds * StepsInSecond; step++)
        {
            if (TryRead(firmware, out key))
                return true;
            firmware->Services->Stall(StepMicroseconds);
        }

        key = default;
        return false;
    }

    private static bool DrainOnce(UefiFirmware* firmware)
    {
        int keys = 0;
        while (keys < DrainedKeys && TryRead(firmware, out _))
            keys++;
        return keys > 0;
    }

    private static bool TryRead(UefiFirmware* firmware, out InputKey key)
    {
        InputKey read = default;
        SimpleTextInput* input = firmware->Table->ConIn;
        bool isThere = input != null && !input->ReadKeyStroke(input, &read).IsError;
        key = read;
        return isThere;
    }
}

namespace Switcher.Hv.Devices;

/// <summary>The ports through which PC software resets the machine.</summary>
public static class ResetRegisters
{
    /// <summary>
    /// Intel chipsets' Reset Control Register (RST_CNT), also FADT RESET_REG on most machines. AMD has it at the same port.
    /// </summary>
    public const ushort ResetControl = 0xCF9;

    /// <summary>8042 keyboard controller, command port.</summary>
    public const ushort KeyboardCommand = 0x64;

    /// <summary>System Control Port A of the PS/2.</summary>
    public const ushort SystemControlA = 0x92;

    private const ushort ConfigAddress = 0xCF8;

    /// <summary>Whether a write asks for a reset.</summary>
    /// <param name="power">For FADT RESET_REG.</param>
    /// <param name="port">The first port written.</param>
    /// <param name="size">Bytes written: 1, 2 or 4.</param>
    /// <param name="value">The value, low byte at <paramref name="port"/>.</param>
    public static PortAction Classify(in PowerManagement power, ushort port, int size, uint value)
    {
        // A doubleword write at 0xCF8 is PCI configuration space, not the registers below it (PCI Local Bus 3.0, 3.2.2.3.2).
        if (port == ConfigAddress && size == 4)
            return PortAction.Pass;

        // RST_CNT bit 2 (RST_CPU) starts a reset, whichever kind bit 1 (SYS_RST) selects.
        if (ByteAt(ResetControl, port, size, value, out byte control) && (control & 0x04) != 0)
            return PortAction.Reset;

        // Commands F0h to FFh pulse output lines low; line 0 is the CPU's reset, and a zero bit pulses.
        if (ByteAt(KeyboardCommand, port, size, value, out byte command) && command >= 0xF0 && (command & 1) == 0)
            return PortAction.Reset;
        if (ByteAt(SystemControlA, port, size, value, out byte control92) && (control92 & 1) != 0)
            return PortAction.Reset;
        if (power.ResetPort != 0 && ByteAt(power.ResetPort, port, size, value, out byte reset) && reset == power.ResetValue)
            return PortAction.Reset;
        return PortAction.Pass;
    }

    private static bool ByteAt(ushort register, ushort port, int size, uint value, out byte result)
    {
        int offset = register - port;
        result = (byte)(value >> (8 * (offset & 3)));
        return offset >= 0 && offset < size;
    }
}

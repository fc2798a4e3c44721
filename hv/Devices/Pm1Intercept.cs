namespace Switcher.Hv.Devices;

/// <summary>What a write to an intercepted port asks for.</summary>
public enum PortAction
{
    /// <summary>Nothing that concerns the hypervisor: the hardware gets it.</summary>
    Pass,

    /// <summary>Nothing happens.</summary>
    Drop,
    Sleep,
    PowerOff,

    /// <summary>The second half of a power-off, at PM1b. The hardware needs both, so it gets this one if it got the first.</summary>
    PowerOffRest,
    Reset,
}

/// <summary>
/// Finds out what a write to a PM1 control block asks for: ACPI 6.5, 4.8.3.2.1 PM1 Control Registers. Writes of any width
/// at any byte count, since only the byte that holds SLP_EN starts anything.
/// </summary>
public static class Pm1Intercept
{
    private const uint SleepEnable = 1 << 13;

    /// <param name="power">The machine's registers.</param>
    /// <param name="port">The first port written.</param>
    /// <param name="size">Bytes written: 1, 2 or 4.</param>
    /// <param name="value">The value, low byte at <paramref name="port"/>.</param>
    public static PortAction Classify(in PowerManagement power, ushort port, int size, uint value)
    {
        PortAction action = ClassifyBlock(power, power.Pm1aControl, isB: false, port, size, value);
        if (action != PortAction.Pass)
            return action;

        // A system writes PM1a first and PM1b second (ACPI 6.5, 16.1.3.1): the first write has done it all. Where SLP_EN reaches PM1b alone,
        // the hardware must not see half of a request.
        return ClassifyBlock(power, power.Pm1bControl, isB: true, port, size, value) switch
        {
            PortAction.Sleep => PortAction.Drop,
            PortAction.PowerOff => PortAction.PowerOffRest,
            _ => PortAction.Pass,
        };
    }

    private static PortAction ClassifyBlock(in PowerManagement power, ushort block, bool isB, ushort port, int size, uint value)
    {
        int highByte = block + 1 - port;
        if (block == 0 || highByte < 0 || highByte >= size)
            return PortAction.Pass;

        uint control = ((value >> (8 * highByte)) & 0xFF) << 8;
        if ((control & SleepEnable) == 0)
            return PortAction.Pass;
        uint type = (control >> 10) & 7;
        if (Selects(power.S3, type, isB))
            return PortAction.Sleep;
        return Selects(power.S5, type, isB) || Selects(power.S4, type, isB) ? PortAction.PowerOff : PortAction.Pass;
    }

    private static bool Selects(in SleepType state, uint type, bool isB) => state.IsPresent && type == (isB ? state.B : state.A);
}

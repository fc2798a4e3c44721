namespace Switcher.Hv.Devices;

/// <summary>What a write to an intercepted port asks for.</summary>
public enum PortAction
{
    /// <summary>Nothing that concerns the hypervisor: the hardware gets it.</summary>
    Pass,

    /// <summary>Nothing happens yet: the write to PM1b will decide.</summary>
    Hold,
    Sleep,
    PowerOff,
    Reset,

    /// <summary>A sleep that no object of the tables names: the hardware might lose every system's memory, so it must not get it.</summary>
    UnknownSleep,
}

/// <summary>What a system has asked for at PM1a, as long as PM1b has not been written.</summary>
public struct SleepRequest
{
    /// <summary>The write that was held back; no bytes if there is none.</summary>
    public uint Value;
    public ushort Port;
    public byte Size;

    /// <summary>The hardware gets this half, so it has to get the other one too.</summary>
    public bool IsPassed;
}

/// <summary>
/// Finds out what a write to a PM1 control block asks for: ACPI 6.5, 4.8.3.2.1 PM1 Control Registers. Writes of any width at any byte
/// count, since only the byte that holds SLP_EN starts anything. A system writes PM1a first and PM1b second (ACPI 6.5, 16.1.3.1). The
/// first write decides where its type alone is clear; some machines' states differ in PM1b only.
/// </summary>
public static class Pm1Intercept
{
    private const uint SleepEnable = 1 << 13;
    private const int NotWritten = -1;

    /// <param name="power">The machine's registers.</param>
    /// <param name="request">What the system has asked for so far; changed by this write.</param>
    /// <param name="port">The first port written.</param>
    /// <param name="size">Bytes written: 1, 2 or 4.</param>
    /// <param name="value">The value, low byte at <paramref name="port"/>.</param>
    public static PortAction Classify(in PowerManagement power, ref SleepRequest request, ushort port, int size, uint value)
    {
        int a = TypeIn(power.Pm1aControl, port, size, value);
        int b = TypeIn(power.Pm1bControl, port, size, value);
        if (a != NotWritten)
        {
            PortAction action = Decide(power, a, b);
            request = action == PortAction.Hold
                ? new SleepRequest { Value = value, Port = port, Size = (byte)size }
                : new SleepRequest { IsPassed = action is PortAction.Pass or PortAction.PowerOff };
            return action;
        }
        if (b == NotWritten)
            return PortAction.Pass;
        SleepRequest first = request;
        request = default;
        if (first.IsPassed || first.Size == 0)
            return first.IsPassed ? PortAction.Pass : PortAction.UnknownSleep;
        PortAction decision = Decide(power, TypeIn(power.Pm1aControl, first.Port, first.Size, first.Value), b);
        if (decision is PortAction.Pass or PortAction.PowerOff)
            request = first with { IsPassed = true };
        return decision;
    }

    /// <summary>SLP_TYP of the control block at a port, if the write has SLP_EN for it.</summary>
    private static int TypeIn(ushort block, ushort port, int size, uint value)
    {
        int highByte = block + 1 - port;
        if (block == 0 || highByte < 0 || highByte >= size)
            return NotWritten;
        uint control = ((value >> (8 * highByte)) & 0xFF) << 8;
        return (control & SleepEnable) == 0 ? NotWritten : (int)(control >> 10) & 7;
    }

    private static PortAction Decide(in PowerManagement power, int a, int b)
    {
        bool sleeps = Selects(power.S3, a, b);
        bool ends = Selects(power.S4, a, b) || Selects(power.S5, a, b);
        bool stands = Selects(power.S1, a, b);
        bool isClear = sleeps ? !ends && !stands : ends != stands;
        if (b == NotWritten && power.Pm1bControl != 0 && !isClear)
            return PortAction.Hold;
        return sleeps ? PortAction.Sleep : ends ? PortAction.PowerOff : stands ? PortAction.Pass : PortAction.UnknownSleep;
    }

    private static bool Selects(in SleepType state, int a, int b) =>
        state.IsPresent && a == state.A && (b == NotWritten || b == state.B);
}

using Switcher.Hv.Devices;

namespace Switcher.Tests.Hv.Machine;

/// <summary>
/// The ACPI fixed hardware of a <see cref="FakeMachine"/>: ACPI 6.5, 4.8.3. Power goes when SLP_EN has reached every control block.
/// </summary>
internal sealed class FakeAcpiHardware
{
    private readonly FakeMachine _machine;
    private readonly byte[] _sleepTypes = [0xFF, 0xFF];

    public FakeAcpiHardware(FakeMachine machine, in PowerManagement power)
    {
        _machine = machine;
        AddEvents(power.Pm1aEvent, StatusA, EnableA);
        AddControl(power.Pm1aControl, 0);
        if (power.Pm1bEvent != 0)
            AddEvents(power.Pm1bEvent, StatusB, EnableB);
        if (power.Pm1bControl != 0)
            AddControl(power.Pm1bControl, 1);
        AddEvents(power.Gpe0, GpeStatus, GpeEnable);
    }

    public byte[] StatusA { get; } = new byte[2];

    public byte[] EnableA { get; } = new byte[2];

    public byte[] StatusB { get; } = new byte[2];

    public byte[] EnableB { get; } = new byte[2];

    public byte[] GpeStatus { get; } = new byte[2];

    public byte[] GpeEnable { get; } = new byte[2];

    public byte[] Control { get; } = new byte[4];

    public ushort Status
    {
        get => (ushort)(StatusA[0] | (StatusA[1] << 8));
        set => (StatusA[0], StatusA[1]) = ((byte)value, (byte)(value >> 8));
    }

    public ushort Enable
    {
        get => (ushort)(EnableA[0] | (EnableA[1] << 8));
        set => (EnableA[0], EnableA[1]) = ((byte)value, (byte)(value >> 8));
    }

    /// <summary>No event is enabled or pending.</summary>
    public bool IsQuiet
    {
        get
        {
            int any = 0;
            foreach (byte[] register in new[] { StatusA, StatusB, EnableA, EnableB, GpeStatus, GpeEnable })
                any |= register[0] | register[1];
            return any == 0;
        }
    }

    private void AddEvents(ushort block, byte[] status, byte[] enable)
    {
        for (int i = 0; i < 2; i++)
        {
            int index = i;
            _machine.Ports.Add(block + i, () => status[index], value => status[index] &= (byte)~value);
            _machine.Ports.Add(block + 2 + i, () => enable[index], value => enable[index] = value);
        }
    }

    private void AddControl(ushort block, int number)
    {
        _machine.Ports.Add(block, () => Control[2 * number], value => Control[2 * number] = value);
        _machine.Ports.Add(block + 1, () => Control[(2 * number) + 1], value =>
        {
            Control[(2 * number) + 1] = (byte)(value & ~0x20);
            if ((value & 0x20) != 0 && _machine.Options.HasTrappedSleep)
                _machine.ExecutingCpu.RaiseSmi(() => Sleep(number, (byte)((value >> 2) & 7)));
            else if ((value & 0x20) != 0)
                Sleep(number, (byte)((value >> 2) & 7));
        });
    }

    private void Sleep(int block, byte type)
    {
        _sleepTypes[block] = type;
        PowerManagement power = _machine.Power;
        if (Selects(power.S5) || Selects(power.S4))
            _machine.Stop(MachineEnd.PoweredOff);
        if (Selects(power.S3))
            _machine.Stop(MachineEnd.ReallySlept);
    }

    private bool Selects(in SleepType state)
        => state.IsPresent && _sleepTypes[0] == state.A && (_machine.Power.Pm1bControl == 0 || _sleepTypes[1] == state.B);
}

namespace Switcher.Tests.Hv.Machine;

/// <summary>
/// The old PC devices of a <see cref="FakeMachine"/>: interrupt controllers, counter, clock, keyboard controller, reset registers.
/// </summary>
internal sealed class FakeLegacyDevices
{
    private const byte AlarmInterrupt = 0x20;
    private readonly byte[] _clock = new byte[128];
    private readonly FakeMachine _machine;
    private byte _clockIndex;
    private byte _resetControl;

    public FakeLegacyDevices(FakeMachine machine)
    {
        _machine = machine;
        FakePorts ports = machine.Ports;
        ports.Add(0x20, () => MasterPic.Requested, MasterPic.WriteCommand);
        ports.Add(0x21, () => MasterPic.Mask, MasterPic.WriteData);
        ports.Add(0xA0, () => SlavePic.Requested, SlavePic.WriteCommand);
        ports.Add(0xA1, () => SlavePic.Mask, SlavePic.WriteData);
        ports.Add(0x40, () => 0, _ => IsCounterRunning = true);
        ports.Add(0x43, () => 0xFF, value => IsCounterRunning &= (value & 0xC0) != 0);
        ports.Add(0x64, () => KeyboardStatus, value => ResetIf(value >= 0xF0 && (value & 1) == 0));
        ports.Add(0x70, () => _clockIndex, value => _clockIndex = value);
        ports.Add(0x71, ReadClock, value => _clock[_clockIndex & 0x7F] = value);
        ports.Add(0x92, () => 2, value => ResetIf((value & 1) != 0));
        ports.Add(0xCF9, () => _resetControl, WriteResetControl);
        ports.Add(FakeMachine.ResetPort, () => 0, WriteCommand);
    }

    public FakePic MasterPic { get; } = new();

    public FakePic SlavePic { get; } = new();

    /// <summary>Counter 0 of the 8254 counts, and so interrupts on line 0.</summary>
    public bool IsCounterRunning { get; set; }

    /// <summary>Port 64h; bit 0: a key was pressed.</summary>
    public byte KeyboardStatus { get; set; } = 0x1C;

    /// <summary>MC146818A register B: which interrupts are enabled.</summary>
    public byte ClockControl
    {
        get => _clock[0x0B];
        set => _clock[0x0B] = value;
    }

    /// <summary>MC146818A register C: which happened; reading it clears it.</summary>
    public byte ClockFlags
    {
        get => _clock[0x0C];
        set => _clock[0x0C] = value;
    }

    /// <summary>The clock's registers and memory, which stand still.</summary>
    public byte[] Clock => _clock;

    public bool IsNmiMasked => (_clockIndex & 0x80) != 0;

    public bool IsQuiet => MasterPic.IsQuiet && SlavePic.IsQuiet && !IsCounterRunning && (ClockControl & 0x70) == 0 && ClockFlags == 0;

    /// <summary>The alarm time comes.</summary>
    public void RingAlarm()
    {
        ClockFlags |= AlarmInterrupt;
        if ((ClockControl & AlarmInterrupt) != 0)
            ClockFlags |= 0x80;
    }

    /// <summary>A command to System Management Mode, one of which resets the machine.</summary>
    private void WriteCommand(byte command)
    {
        ResetIf(command == FakeMachine.ResetValue);
        _machine.RaiseSmi();
    }

    private byte ReadClock()
    {
        byte value = _clock[_clockIndex & 0x7F];
        if ((_clockIndex & 0x7F) == 0x0C)
            _clock[0x0C] = 0;
        return value;
    }

    private void WriteResetControl(byte value)
    {
        bool isReset = (_resetControl & 4) == 0 && (value & 4) != 0;
        _resetControl = value;
        ResetIf(isReset);
    }

    private void ResetIf(bool isReset)
    {
        if (isReset)
            _machine.Stop(MachineEnd.Reset);
    }
}

using System;
using System.Buffers.Binary;
using System.Linq;
using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;
using Switcher.Hv.Run;
using Switcher.Hv.State;
using Switcher.Tests.Hv.Machine;

namespace Switcher.Tests.Hv.Switch;

/// <summary>Lets the guests of a <see cref="FakeMachine"/> live through events, and the <see cref="LifeModel"/> beside them.</summary>
internal sealed class GuestLife : IDisposable
{
    private const int DataBytes = (int)(MemoryLayout.Services - MemoryLayout.Data);
    private readonly FakeMachine _machine;
    private readonly LifeModel _model;
    private readonly LifeRules _rules;
    private readonly LifeFirmware _firmware;
    private readonly Random _order;

    // Since the CPUs were at rest last.
    private bool _hasArrived;

    public GuestLife(MachineOptions options, int seed)
    {
        _order = new Random(seed);
        _machine = new FakeMachine(options);
        LifeDevices.Add(_machine);
        _machine.Launch().BootGuests();
        foreach (FakeCpu cpu in _machine.Cpus)
            cpu.IsInterrupted = () => _order.Next(10) == 0;
        _model = new LifeModel(options);
        _rules = new LifeRules(_machine, _model);
        _firmware = new LifeFirmware(_machine, _model, _order);
    }

    /// <summary>CPUs that execute the guest, or the firmware that loads it.</summary>
    private FakeCpu[] Running
        => _machine.Cpus.Where(cpu => cpu.Index != _model.Serving && cpu.Wait == CpuWait.InGuest
            && cpu.Virtual.Activity == CpuActivity.Running).ToArray();

    private bool IsAtRest
        => _machine.End != MachineEnd.Running
            || _machine.Cpus.All(cpu => cpu.IsWatching || (cpu.Wait == CpuWait.InGuest && !cpu.CanTakeEvent));

    private bool HasVector
    {
        get
        {
            ReadOnlySpan<byte> facs = _model.Memory[_model.Active].AsSpan((int)MemoryLayout.Facs);
            return BinaryPrimitives.ReadUInt32LittleEndian(facs[12..]) != 0 || BinaryPrimitives.ReadUInt64LittleEndian(facs[24..]) != 0;
        }
    }

    /// <summary>False once the machine is off, or no CPU is left that could do anything.</summary>
    public bool Happen(LifeEvent what)
    {
        FakeCpu[] running = Running;
        if (_machine.End != MachineEnd.Running || (running.Length == 0 && _model.Serving < 0))
            return false;
        int before = _model.Arrivals;
        bool isLoader = _model.IsLoading && !_model.IsLeaving;

        // While the only guest goes to sleep or ends, its other CPUs' requests to switch off still reach the hardware; it contradicts
        // nobody but itself.
        if (isLoader)
            _firmware.Load(what, running[what.Cpu % running.Length]);
        else if (_model.Serving >= 0 && (running.Length == 0 || what.Kind is LifeEventKind.EndCall or LifeEventKind.FailInCall))
            _firmware.EndCall(what);
        else if (_model.Serving >= 0 && what.Kind is LifeEventKind.SetNext or LifeEventKind.SetSleep)
            _firmware.Configure(what);
        else if (!_model.IsLastLeaving || !MayEndMachine(what.Kind))
            Act(what, running[what.Cpu % running.Length]);
        if (what.IsHasty && !IsAtRest && !isLoader)
        {
            _hasArrived |= before != _model.Arrivals;
            return true;
        }

        ComeToRest(what);
        _rules.Check(hasArrived: _hasArrived || before != _model.Arrivals);
        _hasArrived = false;
        if (_model.IsAsleep)
            WakeMachine(what.Value);
        return _machine.End == MachineEnd.Running;
    }

    /// <summary>What is still under way comes to its end, and the log is complete.</summary>
    public void Finish()
    {
        ComeToRest(default);
        _rules.Check(hasArrived: false);
        if (_machine.End == MachineEnd.Running && _machine.Cpus[0].Wait == CpuWait.InGuest)
            _machine.Cpus[0].Cpuid(0);
        _rules.CheckLog();
    }

    public void Dispose() => _machine.Dispose();

    private static bool MayEndMachine(LifeEventKind kind)
        => kind is LifeEventKind.ShutDown or LifeEventKind.Hibernate or LifeEventKind.Reset or LifeEventKind.PowerManagementWrite;

    /// <summary>Whoever switches waits for the end of a runtime service.</summary>
    private void ComeToRest(LifeEvent what)
    {
        if (_model.IsLeaving && _model.Serving >= 0)
            _firmware.EndCall(what);
        _machine.Settle(_order);
        _model.Settle();
    }

    private void Act(LifeEvent what, FakeCpu cpu)
    {
        switch (what.Kind)
        {
            case LifeEventKind.Suspend:
                SetVectors(0x9_0100 + (what.Value % 0xE000), 0);
                PowerWrite(cpu, GuestRunner.Pm1Control, GuestRunner.SleepS3, 2);
                break;
            case LifeEventKind.SuspendWithXVector:
                SetVectors(0, MemoryLayout.Partition(_model.Active) + MemoryLayout.Code + (what.Value % 0x800));
                PowerWrite(cpu, GuestRunner.Pm1Control, GuestRunner.SleepS3, 2);
                break;
            case LifeEventKind.SuspendWithoutVector:
                SetVectors(0, 0);
                PowerWrite(cpu, GuestRunner.Pm1Control, GuestRunner.SleepS3, 2);
                break;
            case LifeEventKind.ShutDown:
                PowerWrite(cpu, GuestRunner.Pm1Control, GuestRunner.SleepS5, 2);
                break;
            case LifeEventKind.Hibernate:
                PowerWrite(cpu, GuestRunner.Pm1Control, GuestRunner.SleepS4, 2);
                break;
            case LifeEventKind.PowerManagementWrite:
                PowerWrite(cpu, 0x5FD + (int)(what.Value % 11), what.Value >> 2, 1 << (int)(what.Value % 3));
                break;
            case LifeEventKind.Reset:
                (int port, byte value) = LifeDevices.Resets[what.Value % LifeDevices.Resets.Length];
                _model.Restart("reset");
                cpu.Out(port, value, 1);
                break;
            case LifeEventKind.TripleFault:
                _model.Restart("triple-fault");
                cpu.TripleFault();
                break;
            case LifeEventKind.Crash:
                _model.EndGuest("crash", MachineEnd.Reset);
                cpu.Crash(isInvalidState: (what.Value & 1) != 0);
                break;
            default:
                ActWithin(what, cpu);
                break;
        }
    }

    /// <summary>What changes nothing about who has the machine.</summary>
    private void ActWithin(LifeEvent what, FakeCpu cpu)
    {
        switch (what.Kind)
        {
            case LifeEventKind.StartCpus:
                Send(cpu, GuestRunner.StartAllButSelf, 0);
                break;
            case LifeEventKind.InterruptCpus:
                Interrupt(cpu, what.Value);
                break;
            case LifeEventKind.GarbageHypercall:
                // Not from the page of the guest's services, where it might be a good one.
                if ((cpu.State.Efer & Efer.LongModeActive) != 0)
                    cpu.ContinueInLongMode();
                cpu.Hypercall(0x5357_0000 + (what.Value % 10), what.Value >> 8, what.Value);
                break;
            case LifeEventKind.UseDevices:
                LifeDevices.Use(_machine, new Random((int)what.Value));
                break;
            case LifeEventKind.WriteMemory:
                WriteMemory(cpu, what.Value);
                break;
            case LifeEventKind.ClearWakeStatus:
                PowerWrite(cpu, GuestRunner.Pm1Event, what.Value & 0xFFFF, 2);
                break;
            case LifeEventKind.CallFirmware:
                _firmware.BeginCall(cpu, what.Value, isCalm: IsAtRest && !_model.IsLeaving);
                break;
            case LifeEventKind.Nmi:
                _machine.Cpus[(int)(what.Value % (uint)_machine.Cpus.Count)].IsNmiPending = true;
                break;
            case LifeEventKind.Smi:
                _machine.RaiseSmi();
                break;
            default:
                cpu.Cpuid(what.Value % 8);
                break;
        }
    }

    /// <summary>
    /// INIT, its de-assertion, start-up, and ordinary interrupts, to the others or to one of them. INIT of the boot CPU is a reset; it
    /// comes when nothing else is under way that could be first.
    /// </summary>
    private void Interrupt(FakeCpu cpu, uint value)
    {
        uint[] commands = [0x4500, 0x8500, 0x4600 | (0x90 + (value % 15)), 0x4000 | 0x51, 0x4400];
        uint command = commands[value % commands.Length];
        bool isInit = command == 0x4500;
        if (((command >> 8) & 7) == 5)
            _firmware.NoteInit();
        FakeCpu target = _machine.Cpus[(int)((value >> 8) % (uint)_machine.Cpus.Count)];
        bool isToAll = (value & 0x1_0000) != 0;
        bool isReset = isInit && cpu.Index != 0 && (isToAll || target.Index == 0);
        if (isReset && (!IsAtRest || _model.IsLeaving || _model.Serving >= 0))
            return;
        if (isReset)
            _model.Restart("reset");
        if (isToAll)
            Send(cpu, command | (3 << 18), 0);
        else if (target != cpu)
            Send(cpu, command, target.ApicId);
        if (isReset)
            _machine.Settle(_order);
    }

    /// <summary>The second of the two writes; the destination was written before.</summary>
    internal static void Send(FakeCpu cpu, uint command, uint destination)
    {
        cpu.ContinueInLongMode();
        cpu.Apic[ApicRegister.InterruptCommandHigh] = destination << 24;
        cpu.WriteApic(ApicRegister.InterruptCommandLow, command);
    }

    /// <summary>A write near or into the PM1 blocks. What it means follows from the bytes at their places alone.</summary>
    private void PowerWrite(FakeCpu cpu, int port, uint value, int size)
    {
        byte At(int register) => register >= port && register < port + size ? (byte)(value >> (8 * (register - port))) : (byte)0;
        byte high = At(GuestRunner.Pm1Control + 1);
        int type = (high & 0x20) != 0 ? (high >> 2) & 7 : -1;
        bool switchesOff = type is 6 or 7 && _model.IsLast && !_model.IsLeaving;
        if (type == 5)
        {
            LifeDevices.ClearPending(_machine);
            _model.Suspend(HasVector);
        }
        else if (type is 6 or 7)
        {
            _model.EndGuest("shutdown", MachineEnd.PoweredOff);
        }
        else if (type >= 0 && !_machine.Options.HasPm1b)
        {
            // No sleep of this machine: the guest finds that it woke at once.
            if (!_model.IsLeaving)
                _model.WakeStatus[_model.Active] |= Pm1Event.Wake;
        }
        else if (!_model.IsLeaving)
        {
            _model.WakeStatus[_model.Active] &= (ushort)~(At(GuestRunner.Pm1Event) | (At(GuestRunner.Pm1Event + 1) << 8));
        }
        cpu.Out(port, value, size);
        if (switchesOff && _machine.Options.HasPm1b)
            cpu.Out(GuestRunner.Pm1bControl, type == 7 ? 0x2001u | (2 << 10) : 0x2001 | (6 << 10), 2);
    }

    private void WriteMemory(FakeCpu cpu, uint value)
    {
        int owner = (int)(value % (uint)(_machine.Options.Guests + 3));
        int offset = (int)((value >> 4) % DataBytes) & ~3;
        cpu.ContinueInLongMode();
        if (owner == _machine.Options.Guests + 2)
        {
            offset %= 2 * MemoryLayout.NvsBytes;
            BinaryPrimitives.WriteUInt32LittleEndian(_model.Nvs[_machine.Hypervisor.ActiveDomain].AsSpan(offset), value);
            cpu.Write(MemoryLayout.Nvs + (ulong)offset, value);
            return;
        }
        if (owner >= _machine.Options.Guests)
        {
            cpu.Write((owner == _machine.Options.Guests ? MemoryLayout.Hypervisor : MemoryLayout.Firmware + MemoryLayout.Data)
                + (ulong)offset, value);
            return;
        }
        offset += (int)MemoryLayout.Data;
        if (owner == _machine.ActiveGuest)
            BinaryPrimitives.WriteUInt32LittleEndian(_model.Memory[owner].AsSpan(offset), value);
        cpu.Write(MemoryLayout.Partition(owner) + (ulong)offset, value);
    }

    private void SetVectors(uint vector, ulong extended)
    {
        if (_model.IsLeaving)
            return;
        Span<byte> facs = _model.Memory[_model.Active].AsSpan((int)MemoryLayout.Facs);
        BinaryPrimitives.WriteUInt32LittleEndian(facs[12..], vector);
        BinaryPrimitives.WriteUInt64LittleEndian(facs[24..], extended);
        facs[..64].CopyTo(FakePlatform.Bytes(_machine.Guest(_model.Active).Facs, 64));
    }

    private void WakeMachine(uint value)
    {
        FakeCpu sleeper = _machine.Cpus.Single(cpu => cpu.Wait == CpuWait.Halted);
        sleeper.Resume();
        if (sleeper.Wait != CpuWait.Halted)
            throw new InvalidOperationException("the machine woke without a reason");
        (string reason, ushort status) = LifeDevices.Wake(_machine, value);
        sleeper.Resume();
        _machine.Settle(_order);
        _model.Wake((ushort)(Pm1Event.Wake | status));
        _rules.Check(hasArrived: true);
        if (_machine.Log[^1] != $"INFO wake guest={_model.Active} reason={reason}")
            throw new InvalidOperationException(_machine.Log[^1]);
    }
}

using System;
using System.Buffers.Binary;
using Switcher.Boot.Config;
using Switcher.Boot.Memory;
using Switcher.Hv.Devices;
using Switcher.Hv.Exits;
using Switcher.Hv.State;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Switch;

/// <summary>The firmware in a <see cref="GuestLife"/>: it serves guests, loads them again, and fails at either.</summary>
internal sealed class LifeFirmware
{
    private const ulong DeviceError = 0x8000_0000_0000_0007;
    private readonly FakeMachine _machine;
    private readonly LifeModel _model;
    private readonly Random _order;

    // What the CPU that is in a runtime service is to find afterwards; INIT may come to it meanwhile.
    private ulong _caller;
    private uint _taskPriority;
    private bool _mayBeReset;

    public LifeFirmware(FakeMachine machine, LifeModel model, Random order)
    {
        _machine = machine;
        _model = model;
        _order = order;
    }

    /// <summary>An INIT is on its way, perhaps to the CPU that is in a service.</summary>
    public void NoteInit() => _mayBeReset = true;

    /// <summary>What the firmware comes to when it is to load a guest, with devices and perhaps other CPUs in use.</summary>
    public void Load(LifeEvent what, FakeCpu cpu)
    {
        FakeCpu boot = _machine.Cpus[0];
        LifeDevices.Use(_machine, new Random((int)what.Value));
        BinaryPrimitives.WriteUInt32LittleEndian(_model.Nvs[Domain.Firmware], what.Value);
        FakePlatform.At<uint>(new HostPhysicalAddress(MemoryLayout.Nvs)) = what.Value;
        if ((what.Value & 0x100) != 0)
        {
            GuestLife.Send(boot, GuestRunner.StartAllButSelf, 0);
            _machine.Settle(_order);
            foreach (FakeCpu each in _machine.Cpus)
                each.ContinueInLongMode();
            cpu = _machine.Cpus[what.Cpu % _machine.Cpus.Count];
        }
        switch (what.Value % 8)
        {
            case 0:
                _model.EndLoading(isGood: false);
                boot.Answer(FirmwareAnswer.Done);
                break;
            case 1:
                LifeDevices.ClearPending(_machine);
                _model.AbandonLoading();
                Fail(cpu, what.Value >> 4);
                break;
            default:
                _machine.Park(_model.Active);
                _model.EndLoading(isGood: true);
                boot.Answer(FirmwareAnswer.Done);
                break;
        }
    }

    /// <summary>A CPU of the guest asks for a service.</summary>
    /// <param name="isCalm">Nothing is under way that could come in between.</param>
    public void BeginCall(FakeCpu cpu, uint value, bool isCalm)
    {
        int guest = _machine.ActiveGuest;
        bool enters = _model.Serving < 0 && !_model.HasLostServices;
        cpu.Apic[ApicRegister.TaskPriority] = value & 0xF0;
        cpu.Virtual.Registers.R12 = value;
        cpu.CallFirmware();
        (ulong, ulong) found = (cpu.Rax, cpu.Rip);
        ulong services = MemoryLayout.Partition(guest) + MemoryLayout.Services;
        if (enters)
        {
            (_caller, _taskPriority, _mayBeReset) = (value, value & 0xF0, !isCalm);
            _model.BeginCall(cpu.Index);
            GoOn(cpu);
            Assert.Equal((FirmwareRequests.Service(guest), MemoryLayout.Firmware + MemoryLayout.Code + 3), (cpu.Rax, cpu.Rip));
        }
        else if (isCalm && _model.HasLostServices)
        {
            Assert.Equal((DeviceError, services + 3), found);
        }
        else if (isCalm)
        {
            Assert.Equal((Hypercall.CallFirmware, services), found);
        }
    }

    /// <summary>In a service the user says who is next, or what S3 means.</summary>
    public void Configure(LifeEvent what)
    {
        FakeCpu cpu = _machine.Cpus[_model.Serving];
        GoOn(cpu);
        cpu.Rip = MemoryLayout.Firmware + MemoryLayout.Code;
        int guest = (int)(what.Value % (uint)(_machine.Options.Guests + 1)) - 1;
        if (what.Kind == LifeEventKind.SetSleep)
        {
            var policy = (SleepPolicy)((what.Value >> 8) & 1);
            _model.SetSleep(guest, policy);
            cpu.Hypercall(Hypercall.SetSleep, (ulong)(long)guest, (ulong)policy);
        }
        else if (guest != _machine.ActiveGuest)
        {
            _model.SetNext(guest);
            cpu.Hypercall(Hypercall.SetNext, (ulong)(long)guest, 0);
        }
    }

    /// <summary>The service is done, or the firmware fails in it.</summary>
    public void EndCall(LifeEvent what)
    {
        FakeCpu cpu = _machine.Cpus[_model.Serving];
        GoOn(cpu);
        bool isLastLeaving = _model.IsLastLeaving;
        ulong status = DeviceError;
        FirmwareAnswer answer = FirmwareAnswer.Done;
        if (what.Kind == LifeEventKind.FailInCall)
        {
            _model.FailInCall();
            Fail(cpu, what.Value);
        }
        else
        {
            status = what.Value;
            answer = (what.Value % 8) switch
            {
                0 => FirmwareAnswer.Reset,
                2 when !_model.IsLeaving => FirmwareAnswer.ColdReset,
                1 when !isLastLeaving => FirmwareAnswer.Shutdown,
                _ => FirmwareAnswer.Done,
            };
            _model.EndCall();
            if (answer == FirmwareAnswer.Reset)
                _model.Restart("reset");
            else if (answer == FirmwareAnswer.ColdReset)
                _model.ResetCold();
            else if (answer == FirmwareAnswer.Shutdown)
                _model.EndGuest("shutdown", MachineEnd.PoweredOff);
            cpu.Answer(answer, status);

            // Whoever comes to the lock first decides what becomes of the guest, and for the model that is this one.
            while (answer != FirmwareAnswer.Done && cpu.Wait == CpuWait.Spinning && _machine.End == MachineEnd.Running
                && _machine.Hypervisor.SwitchLock == 0)
                cpu.Resume();
        }
        if (_model.IsLeaving || _mayBeReset || answer != FirmwareAnswer.Done)
            return;
        while (cpu.Wait == CpuWait.Spinning)
            cpu.Resume();
        Assert.Equal((status, MemoryLayout.Partition(_model.Active) + MemoryLayout.Services + 3, _caller, _taskPriority),
            (cpu.Rax, cpu.Rip, cpu.Virtual.Registers.R12, cpu.Apic[ApicRegister.TaskPriority]));
    }

    /// <summary>A CPU that only lets others go first comes into the firmware.</summary>
    private static void GoOn(FakeCpu cpu)
    {
        while (cpu.Wait == CpuWait.Spinning && cpu.Virtual.IsInFirmware)
            cpu.Resume();
    }

    /// <summary>How a firmware ends.</summary>
    private static void Fail(FakeCpu cpu, uint how)
    {
        switch (how % 4)
        {
            case 0:
                (int port, byte value) = LifeDevices.Resets[(how >> 2) % LifeDevices.Resets.Length];
                cpu.Out(port, value, 1);
                break;
            case 1:
                cpu.TripleFault();
                break;
            case 2:
                cpu.Crash(isInvalidState: (how & 4) != 0);
                break;
            default:
                cpu.Out(GuestRunner.Pm1Control, GuestRunner.SleepS3, 2);
                break;
        }
    }
}

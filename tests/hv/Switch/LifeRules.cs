using System;
using System.Buffers.Binary;
using System.Linq;
using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;
using Switcher.Hv.Paging;
using Switcher.Hv.Run;
using Switcher.Hv.State;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Switch;

/// <summary>The project's promises (README), as conditions that hold whenever all CPUs of a <see cref="GuestLife"/> are at rest.</summary>
internal sealed class LifeRules
{
    private readonly FakeMachine _machine;
    private readonly LifeModel _model;
    private readonly byte[][] _lowMemory;
    private readonly byte[] _firmware;
    private int _checkedDepartures;
    private int _checkedWrites;

    public LifeRules(FakeMachine machine, LifeModel model)
    {
        _machine = machine;
        _model = model;
        _lowMemory = Enumerable.Range(0, machine.Options.Guests).Select(LowMemoryOf).ToArray();
        _firmware = FirmwareMemory();
    }

    /// <param name="hasArrived">
    /// Another guest has the machine since the last check, or the machine woke; it has not executed anything yet.
    /// </param>
    public void Check(bool hasArrived)
    {
        Assert.Equal(_model.End, _machine.End);
        CheckMemory();
        if (_machine.End != MachineEnd.Running)
            return;

        CheckPower();
        if (_model.IsAsleep)
        {
            Assert.Single(_machine.Cpus, cpu => cpu.Wait == CpuWait.Halted);
            return;
        }
        Assert.All(_machine.Cpus, cpu => Assert.False(cpu.IsSmiPending));
        CheckGuests();
        CheckCpus();
        if (hasArrived)
            CheckArrival();
        if (hasArrived && _model.IsLoading)
            CheckFirmware();
        else if (hasArrived)
            CheckGuest();
    }

    /// <summary>One line for each switch; where the machine has ended, the last one's may still have been due.</summary>
    public void CheckLog()
    {
        string[] lines = _machine.Log.Where(line => line.StartsWith("STEP switch ", StringComparison.Ordinal))
            .Select(line => line[12..line.IndexOf(" ticks=", StringComparison.Ordinal)]).ToArray();
        Assert.Equal(_model.Switches.Take(lines.Length), lines);
        bool isLastDue = _machine.End != MachineEnd.Running || _machine.Cpus[0].Wait != CpuWait.InGuest;
        Assert.InRange(lines.Length, _model.Switches.Count - (isLastDue ? 1 : 0), _model.Switches.Count);
    }

    /// <summary>Promises 2 and 3: every byte is what its owner wrote last. Only the code that these tests put there is left out.</summary>
    private void CheckMemory()
    {
        Assert.True(FirmwareMemory().AsSpan().SequenceEqual(_firmware));
        int active = _model.IsLoading ? Domain.Firmware : Domain.OfGuest(_model.Active);
        Assert.True(_machine.End != MachineEnd.Running || GuestRunner.NvsNow().AsSpan().SequenceEqual(_model.Nvs[active]));
        int[] departed = _model.Departures.Skip(_checkedDepartures).ToArray();
        _checkedDepartures = _model.Departures.Count;
        for (int guest = 0; guest < _machine.Options.Guests; guest++)
        {
            byte[] found = GuestRunner.PartitionOf(guest);
            Assert.True(found.AsSpan(0, (int)MemoryLayout.Code).SequenceEqual(_model.Memory[guest].AsSpan(0, (int)MemoryLayout.Code)));
            const int Bytes = (int)(MemoryLayout.Services - MemoryLayout.PageTables);
            Assert.True(found.AsSpan((int)MemoryLayout.PageTables, Bytes)
                .SequenceEqual(_model.Memory[guest].AsSpan((int)MemoryLayout.PageTables, Bytes)));

            // Who was not active at any time since the last check has the same low memory.
            byte[] low = LowMemoryOf(guest);
            if (guest != _model.Active && !departed.Contains(guest))
                Assert.True(low.AsSpan().SequenceEqual(_lowMemory[guest]));
            _lowMemory[guest] = low;
        }
    }

    /// <summary>Promise 7: no request to sleep or to switch off has reached the hardware, not even half of one.</summary>
    private void CheckPower()
    {
        for (; _checkedWrites < _machine.Ports.Writes.Count; _checkedWrites++)
        {
            (ushort port, uint value, int size) = _machine.Ports.Writes[_checkedWrites];
            foreach ((int register, int[] types) in new[] { (0x605, new[] { 5, 6, 7 }), (0x615, [3, 6, 2]) })
            {
                int offset = register - port;
                if (offset < 0 || offset >= size)
                    continue;
                uint high = (value >> (8 * offset)) & 0xFF;
                bool isRequest = (high & 0x20) != 0 && types.Contains((int)(high >> 2) & 7);
                Assert.False(isRequest, $"OUT 0x{port:x}, 0x{value:x} reached the hardware");
            }
        }
    }

    private void CheckGuests()
    {
        Assert.Equal(_model.IsLoading ? Domain.Firmware : Domain.OfGuest(_model.Active), _machine.Hypervisor.ActiveDomain);
        Assert.Equal(_model.IsLoading ? DomainPhase.Active : DomainPhase.Parked, _machine.Domain(Domain.Firmware).Phase);
        Assert.Equal((_model.HasLostServices, _model.Serving >= 0 ? 1 : 0),
            (_machine.Hypervisor.HasLostServices, _machine.Hypervisor.ServiceLock));
        Assert.Equal((_model.Asked, _model.SleepOfAll),
            (Domain.GuestOf(_machine.Hypervisor.NextDomain), _machine.Hypervisor.Sleep));
        for (int guest = 0; guest < _machine.Options.Guests; guest++)
        {
            Assert.Equal(_model.Phases[guest], _machine.Guest(guest).Phase);
            Assert.Equal(_model.WakeStatus[guest], _machine.Guest(guest).WakeStatus);
            Assert.Equal((_model.Sleep[guest], _model.Restarts[guest]), (_machine.Guest(guest).Sleep, _machine.Guest(guest).Restarts));
        }
        Assert.Single(_model.Phases, _model.IsLoading ? DomainPhase.Loading : DomainPhase.Active);
        Assert.Equal(_model.WakeStatus[_model.Active] != 0, _machine.Cpus[0].IsPortIntercepted(GuestRunner.Pm1Event, 2));
    }

    private void CheckCpus()
    {
        Assert.Equal((0, 0), (_machine.Hypervisor.SwitchLock, _machine.Hypervisor.StoppedCpus));
        foreach (FakeCpu cpu in _machine.Cpus)
        {
            bool isServing = cpu.Index == _model.Serving;
            Assert.Equal(_model.Serving >= 0 && cpu.Index == WatcherOf(_model.Serving) ? CpuWait.Spinning : CpuWait.InGuest, cpu.Wait);
            ref Domain executing = ref _machine.Domain(isServing || _model.IsLoading ? Domain.Firmware : Domain.OfGuest(_model.Active));
            Assert.Equal((executing.NestedRoot.Value, isServing), (cpu.NestedRoot, cpu.Virtual.IsInFirmware));
            Assert.True(isServing || cpu.Virtual is { DeferredRequests: 0, DeferredNmi: 0 });
            Assert.Equal(isServing, cpu.HasVmx ? cpu.Apic[ApicRegister.TaskPriority] == 0xFF : cpu.Vmcb.VirtualInterrupt == 1 << 24);
            Assert.True(isServing || cpu.HasVmx || cpu.Vmcb.VirtualInterrupt == 0);
            Assert.Equal((0, 0, 0), (cpu.Virtual.Requests, cpu.Virtual.KickPending, cpu.Virtual.GuestNmi));
            if (cpu.HasVmx)
                Assert.Equal(cpu.Virtual.Activity == CpuActivity.WaitingForStartup, cpu.Vmx.IsWaiting);
            else if (cpu.Virtual.Activity == CpuActivity.WaitingForStartup)
                Assert.Equal(_machine.Hypervisor.WaitPage.Value, CodeAddress(cpu.State));
        }
    }

    /// <summary>Who stays in the hypervisor during a service; -1: nobody has to, or there is nobody.</summary>
    private int WatcherOf(int serving)
    {
        int last = _machine.Cpus.Count - 1;
        bool isNeeded = _machine.Options.VmxModel is null && last > 0;
        return !isNeeded ? -1 : serving == last ? last - 1 : last;
    }

    private void CheckArrival()
    {
        Assert.True(LifeDevices.AreQuiet(_machine));
        Assert.Equal(CpuActivity.Running, _machine.Cpus[0].Virtual.Activity);
        Assert.All(_machine.Cpus.Skip(1), cpu => Assert.Equal(CpuActivity.WaitingForStartup, cpu.Virtual.Activity));
    }

    /// <summary>The firmware goes on behind its call, with the request.</summary>
    private void CheckFirmware() => Assert.Equal(
        (FirmwareRequests.Load(_model.Active), MemoryLayout.Firmware + MemoryLayout.Code + 3,
            MemoryLayout.Firmware + MemoryLayout.PageTables),
        (_machine.Cpus[0].Rax, _machine.Cpus[0].Rip, _machine.Cpus[0].State.Cr3));

    private void CheckGuest()
    {
        CpuState state = _machine.Cpus[0].State;
        ulong partition = MemoryLayout.Partition(_model.Active);
        if (_model.IsFirst)
        {
            Assert.Equal((partition + MemoryLayout.Code + 3, partition + MemoryLayout.PageTables), (state.Rip, state.Cr3));
            Assert.Equal((0UL, 0xB0B0_0000UL + (uint)_model.Active), (_machine.Cpus[0].Rax, _machine.Cpus[0].Virtual.Registers.Rbx));
            return;
        }
        ReadOnlySpan<byte> facs = _model.Memory[_model.Active].AsSpan((int)MemoryLayout.Facs);
        ulong extended = BinaryPrimitives.ReadUInt64LittleEndian(facs[24..]);
        uint vector = BinaryPrimitives.ReadUInt32LittleEndian(facs[12..]);
        Assert.Equal(extended != 0 ? extended : vector, CodeAddress(state));
        Assert.Equal(extended != 0, (state.Cr0 & Cr0.ProtectedMode) != 0);
        Assert.Equal(default, _machine.Cpus[0].Virtual.Registers);
    }

    private static ulong CodeAddress(in CpuState state) => state.Cs.Base + state.Rip;

    /// <summary>What the firmware never writes in these tests, and no guest can.</summary>
    private static byte[] FirmwareMemory() => FakePlatform.Bytes(
        new HostPhysicalAddress(MemoryLayout.Firmware + MemoryLayout.PageTables),
        MemoryLayout.PartitionBytes - (int)MemoryLayout.PageTables).ToArray();

    /// <summary>What a guest has below 640 KiB for itself.</summary>
    private byte[] LowMemoryOf(int guest)
    {
        PrivateCopy copy = _machine.Guest(guest).Copies.At<FakePlatform>(0);
        return FakePlatform.Bytes(copy.Backing, (int)copy.Length).ToArray();
    }
}

using System;
using System.Collections.Generic;
using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;
using Switcher.Hv.Exits;
using Switcher.Hv.Run;
using Switcher.Hv.State;
using Switcher.Hv.Svm;
using Switcher.Hv.Vmx;
using Switcher.Hv.Vmx.Definitions;

namespace Switcher.Tests.Hv.Machine;

/// <summary>Where a CPU's thread stopped.</summary>
internal enum CpuWait
{
    /// <summary>Has not begun.</summary>
    New,

    /// <summary>Executes the guest, until the test lets that exit or an interrupt comes.</summary>
    InGuest,

    /// <summary>In the hypervisor, waiting for another CPU or for time.</summary>
    Spinning,

    /// <summary>In the hypervisor, sleeping until an interrupt.</summary>
    Halted,
    Finished,
}

/// <summary>One CPU of a <see cref="FakeMachine"/>, which runs the hypervisor's loop on a thread of its own.</summary>
internal sealed class FakeCpu : IDisposable
{
    private const int MostSpins = 100_000;
    private readonly FakeMachine _machine;
    private CpuThread? _thread;
    private int _spins;
    private ulong _translatedRoot;
    private bool _hasExit;
    private Action? _management;

    public FakeCpu(FakeMachine machine, int index, uint apicId)
    {
        _machine = machine;
        Index = index;
        ApicId = apicId;
        Msrs = new FakeMsrs(this, machine.Options.VmxModel);
        Vmx = new FakeVmx(machine, this);
        Apic = new FakeLocalApic(machine, this);
    }

    public int Index { get; }

    public uint ApicId { get; }

    public FakeMsrs Msrs { get; }

    public FakeLocalApic Apic { get; }

    public FakeVmx Vmx { get; }

    public CpuWait Wait { get; private set; }

    /// <summary>A non-maskable interrupt is latched.</summary>
    public bool IsNmiPending { get; set; }

    /// <summary>The guest handles a non-maskable interrupt, so that the next one waits.</summary>
    public bool IsNmiBlocked { get; set; }

    /// <summary>A system-management interrupt is latched: on SVM it is taken in the host, with the global interrupt flag set.</summary>
    public bool IsSmiPending { get; set; }

    /// <summary>How often this CPU has been in System Management Mode.</summary>
    public int SmisTaken { get; private set; }

    /// <summary>Asked at every access of the hypervisor to a device in memory space: whether other CPUs get a turn before it.</summary>
    public Func<bool>? IsInterrupted { get; set; }

    /// <summary>What the guest does at an entry, in tests without CPUs' threads: it ends with an exit.</summary>
    public Action? OnGuest { get; set; }

    public bool HasHostState { get; set; }

    public bool IsExtendedStateInitial { get; set; }

    public bool AreDebugRegistersInitial { get; set; }

    /// <summary>Events that VMRUN injected, in the format of EVENTINJ.</summary>
    public List<ulong> Injected { get; } = [];

    /// <summary>The hypervisor's own record of this CPU.</summary>
    public ref VirtualCpu Virtual => ref _machine.Hypervisor.Cpus.At<FakePlatform>(Index);

    public ref Vmcb Vmcb => ref FakePlatform.At<Vmcb>(Virtual.ControlBlock);

    public bool HasVmx => _machine.Options.VmxModel is not null;

    /// <summary>Something calls the CPU out of its guest.</summary>
    public bool CanTakeEvent => HasVmx ? Vmx.CanTakeEvent : IsSmiPending || (IsNmiPending && !IsNmiBlocked);

    /// <summary>It stays in the hypervisor until another CPU's runtime service ends, and has nothing else to do.</summary>
    public bool IsWatching
        => Virtual is { IsWatching: true, Requests: 0 } && _machine.Hypervisor.ServiceLock != 0 && !IsNmiPending && !IsSmiPending
            && !ExitHandling<FakePlatform, Svm<FakePlatform>>.FirmwareCall.IsTimeOver(_machine.Hypervisor, _machine.Now);

    /// <summary>The guest's state, whichever the vendor.</summary>
    public CpuState State
    {
        get
        {
            CpuState state = default;
            if (HasVmx)
                _machine.BindWhile(this, () => Vmx<FakePlatform>.SaveState(ref Virtual, out state));
            else
                Svm<FakePlatform>.SaveState(ref Virtual, out state);
            return state;
        }
        set
        {
            if (HasVmx)
                _machine.BindWhile(this, () => Vmx<FakePlatform>.LoadState(ref Virtual, value));
            else
                VmcbState.Load(ref Vmcb, value);
            Virtual.Registers.Rsp = value.Rsp;
        }
    }

    public ulong Rip
    {
        get => HasVmx ? Vmx.Vmcs.Get(VmcsGuest.Rip) : Vmcb.Rip;
        set
        {
            if (HasVmx)
                Vmx.Vmcs.Set(VmcsGuest.Rip, value);
            else
                Vmcb.Rip = value;
        }
    }

    public ulong Rax
    {
        get => HasVmx ? Virtual.Registers.Rax : Vmcb.Rax;
        set
        {
            if (HasVmx)
                Virtual.Registers.Rax = value;
            else
                Vmcb.Rax = value;
        }
    }

    /// <summary>The nested page table under which the CPU is.</summary>
    public ulong NestedRoot => HasVmx ? Vmx.Vmcs.Get(VmcsControl.EptPointer) & ~0xFFFUL : Vmcb.NestedCr3;

    /// <summary>Starts the hypervisor's loop; the CPU comes to its first entry into the guest.</summary>
    public void Start()
    {
        _thread = new CpuThread(() =>
        {
            _machine.Bind(this);
            if (HasVmx)
                Hypervisor<FakePlatform, Vmx<FakePlatform>>.RunCpu(ref _machine.Hypervisor, ref Virtual);
            else
                Hypervisor<FakePlatform, Svm<FakePlatform>>.RunCpu(ref _machine.Hypervisor, ref Virtual);
        });
        Resume();
    }

    /// <summary>Lets the CPU go on to where it waits next.</summary>
    public void Resume()
    {
        _thread!.Resume();
        if (_thread.IsFinished)
            Wait = CpuWait.Finished;
    }

    /// <summary>The guest exits: the VMCB says why. Comes back when the CPU waits again.</summary>
    public void Exit()
    {
        if (Wait != CpuWait.InGuest)
            throw new InvalidOperationException($"CPU {Index} is {Wait} and not in its guest");
        _hasExit = true;
        Resume();
    }

    public void Yield(CpuWait wait)
    {
        Wait = wait;
        if (_thread is not null)
            _thread.Yield();
        else if (++_spins > MostSpins)
            throw new InvalidOperationException("the hypervisor waits for what cannot come in a test without CPUs' threads");
    }

    public void LetOthersGoOn()
    {
        if (_thread is not null && IsInterrupted is not null && IsInterrupted())
            Yield(CpuWait.Spinning);
    }

    /// <summary>VMRUN, and what the guest does until it exits.</summary>
    public void RunGuest(ref GuestRegisters registers, HostPhysicalAddress vmcbAddress)
    {
        ref Vmcb vmcb = ref FakePlatform.At<Vmcb>(vmcbAddress);
        Vmrun.Check(vmcb, this);
        if (vmcb.TlbControl == TlbControl.Nothing && vmcb.NestedCr3 != _translatedRoot)
            throw new InvalidOperationException($"CPU {Index} enters with translations of another nested page table");
        _translatedRoot = vmcb.NestedCr3;
        if (vmcb.EventInjection != 0)
            Injected.Add(vmcb.EventInjection);
        vmcb.EventInjection = 0;
        vmcb.ExitIntInfo = 0;
        _machine.NoteEntry(this);
        ExecuteGuest();
    }

    /// <summary>The guest runs until it exits by itself or an interrupt calls the CPU out of it.</summary>
    public void ExecuteGuest()
    {
        if (OnGuest is not null)
        {
            OnGuest();
            return;
        }
        while (!_hasExit && !CanTakeEvent)
            Yield(CpuWait.InGuest);
        if (!_hasExit && HasVmx)
            Vmx.TakeEvent();
        else if (!_hasExit)
            SetExit(IsSmiPending ? SvmExitCode.Smi : SvmExitCode.Nmi, 0, 0, 0);
        _hasExit = false;
    }

    /// <summary>Writes the exit into the VMCB.</summary>
    /// <param name="length">Bytes of the instruction that exits, 0 if it is no instruction.</param>
    public void SetExit(SvmExitCode code, ulong information1, ulong information2, int length)
    {
        ref Vmcb vmcb = ref Vmcb;
        vmcb.ExitCode = (ulong)code;
        vmcb.ExitInfo1 = information1;
        vmcb.ExitInfo2 = information2;
        vmcb.NextRip = length != 0 && _machine.HasNextRipSave ? vmcb.Rip + (ulong)length : 0;
    }

    /// <summary>
    /// What comes while the global interrupt flag is set: System Management Mode first, which leaves everything as it was, then the host's
    /// handler.
    /// </summary>
    public void TakePending()
    {
        if (IsSmiPending)
        {
            IsSmiPending = false;
            SmisTaken++;
            _management?.Invoke();
            _management = null;
        }
        TakePendingNmi();
    }

    /// <summary>A system-management interrupt, and what System Management Mode does about it.</summary>
    public void RaiseSmi(Action management)
    {
        IsSmiPending = true;
        _management = management;
    }

    /// <summary>What the host's handler does with a non-maskable interrupt: it knows the hypervisor's own by the mark.</summary>
    public void TakePendingNmi()
    {
        if (!IsNmiPending || Vmx.IsNmiBlocked)
            return;
        IsNmiPending = false;
        if (Virtual.KickPending != 0)
            Virtual.KickPending = 0;
        else
            Virtual.GuestNmi = 1;
    }

    public void Dispose() => _thread?.Dispose();
}

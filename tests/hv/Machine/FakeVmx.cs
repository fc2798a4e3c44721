using System;
using System.Collections.Generic;
using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;
using Switcher.Hv.Run;
using Switcher.Hv.Vmx;
using Switcher.Hv.Vmx.Checks;
using Switcher.Hv.Vmx.Definitions;

namespace Switcher.Tests.Hv.Machine;

/// <summary>
/// VMX of one CPU: SDM vol. 3, chapters 24 to 31, as far as the hypervisor uses it. Where hardware would answer #UD or #GP, the test fails.
/// </summary>
internal sealed class FakeVmx
{
    public const ulong ExitAddress = MemoryLayout.Hypervisor + 0x1230;
    private readonly FakeMachine _machine;
    private readonly FakeCpu _cpu;
    private readonly Dictionary<ulong, FakeVmcs> _regions = [];
    private ulong? _current;
    private bool _hasStaleEpt = true;
    private bool _isInitPending;
    private int _startup = -1;

    public FakeVmx(FakeMachine machine, FakeCpu cpu)
    {
        _machine = machine;
        _cpu = cpu;
    }

    public bool IsOn { get; private set; }

    // The registers of the CPU that a VMCS does not switch, or that the hypervisor itself has.
    public ulong Cr0 { get; set; } = 0x8001_0033;

    public ulong Cr2 { get; set; }

    public ulong Cr4 { get; set; } = 0x668;

    public ulong Dr6 { get; set; } = 0xFFFF_0FF0;

    public ulong ExtendedControl { get; private set; } = 1;

    public int WriteBacks { get; private set; }

    /// <summary>Translations tagged with a VPID that were dropped.</summary>
    public int VpidInvalidations { get; set; }

    /// <summary>An exit by a non-maskable interrupt masks the next until an IRET.</summary>
    public bool IsNmiBlocked { get; private set; }

    /// <summary>How many of the next start-up interrupts come while the CPU is still on its way into its wait for one.</summary>
    public int StartupsToLose { get; set; }

    /// <summary>The current VMCS.</summary>
    public FakeVmcs Vmcs => _current is ulong address ? _regions[address] : throw new InvalidOperationException("no current VMCS");

    public bool HasVmcs => _current is not null;

    /// <summary>An event calls the CPU out of its guest: SDM vol. 3, 26.2 "Other Causes of VM Exits".</summary>
    public bool CanTakeEvent => IsWaiting ? _startup >= 0 : _isInitPending || _cpu.IsNmiPending || IsNmiWindow;

    /// <summary>Waits for a start-up interrupt, and is deaf to all else.</summary>
    public bool IsWaiting => Vmcs.Get(VmcsGuest.ActivityState) == ActivityState.WaitForSipi;

    private bool IsNmiWindow => (Vmcs.Get(VmcsControl.PrimaryControls) & PrimaryControls.NmiWindowExiting) != 0
        && (Vmcs.Get(VmcsGuest.Interruptibility) & (Interruptibility.BlockedByNmi | Interruptibility.BlockedByMovSs)) == 0;

    /// <summary>INIT is held while the CPU is in the hypervisor, and while it waits for its start-up.</summary>
    public void ReceiveInit(uint command)
    {
        const uint Assert = 1 << 14;
        _isInitPending |= (command & Assert) != 0;
    }

    /// <summary>A start-up interrupt is lost on whoever does not wait for it, and on a CPU in the hypervisor.</summary>
    public void ReceiveStartup(byte vector)
    {
        if (StartupsToLose > 0)
            StartupsToLose--;
        else if (_cpu.Wait == CpuWait.InGuest && IsWaiting)
            _startup = vector;
    }

    /// <summary>The exit for which <see cref="CanTakeEvent"/> is true.</summary>
    public void TakeEvent()
    {
        if (IsWaiting)
        {
            Vmcs.SetExit((uint)VmxExitReason.Sipi, (ulong)_startup, 0);
            _startup = -1;
        }
        else if (_isInitPending)
        {
            Vmcs.SetExit((uint)VmxExitReason.Init, 0, 0);
            _isInitPending = false;
        }
        else if (_cpu.IsNmiPending)
        {
            Vmcs.SetExit((uint)VmxExitReason.ExceptionOrNmi, 0, 0);
            _cpu.IsNmiPending = false;
        }
        else
        {
            Vmcs.SetExit((uint)VmxExitReason.NmiWindow, 0, 0);
        }
    }

    public bool TryEnter(ulong region)
    {
        var feature = new FeatureControl(_cpu.Msrs[VmxMsr.FeatureControl]);
        if ((Cr4 & Switcher.Hv.Cpu.Cr4.VirtualMachineExtensions) == 0)
            throw new InvalidOperationException("#UD: VMXON while CR4.VMXE is 0");
        if (!feature.IsLockedOn || (Cr0 & _cpu.Msrs[VmxMsr.Cr0Fixed0]) != _cpu.Msrs[VmxMsr.Cr0Fixed0])
            throw new InvalidOperationException("#GP: VMXON without IA32_FEATURE_CONTROL, or with a CR0 that VMX does not allow");
        if (IsOn || (region & (PageSize.Small - 1)) != 0 || FirstWord(region) != Revision)
            return false;
        IsOn = true;
        return true;
    }

    public void Leave()
    {
        Demand(IsOn, "VMXOFF outside VMX operation");
        IsOn = false;
        _current = null;
    }

    public bool TryLoad(ulong address)
    {
        Clear(address);
        if (FirstWord(address) != Revision)
            return false;
        _current = address;
        return true;
    }

    public void Clear(ulong address)
    {
        Demand(IsOn, "VMCLEAR outside VMX operation");
        Demand((address & (PageSize.Small - 1)) == 0, "VMCLEAR of no page");
        if (!_regions.TryGetValue(address, out FakeVmcs? vmcs))
            _regions[address] = vmcs = new FakeVmcs();
        vmcs.IsLaunched = false;
        if (_current == address)
            _current = null;
    }

    public void InvalidateEpt()
    {
        Demand(IsOn, "INVEPT outside VMX operation");
        _hasStaleEpt = false;
    }

    public void InvalidateVpid()
    {
        Demand(IsOn && new EptCapability(_cpu.Msrs[VmxMsr.EptAndVpid]).HasInvvpid, "INVVPID that this CPU does not have");
        VpidInvalidations++;
    }

    public void WriteEptPointer() => _hasStaleEpt = true;

    public void UnblockNmi()
    {
        IsNmiBlocked = false;
        _cpu.TakePendingNmi();
    }

    public bool TrySetExtendedControl(uint register, ulong value)
    {
        const ulong Supported = 0xE7;
        if (register != 0 || (value & 1) == 0 || (value & ~Supported) != 0)
            return false;
        ExtendedControl = value;
        return true;
    }

    public void WriteBackCaches() => WriteBacks++;

    /// <summary>VMLAUNCH or VMRESUME behind the last look at what others ask of this CPU, and what the guest does until it exits.</summary>
    public VmEntryOutcome Run(bool isLaunched)
    {
        _cpu.TakePendingNmi();
        if (_cpu.Virtual.Requests != 0 || _cpu.Virtual.GuestNmi != 0)
            return VmEntryOutcome.NotEntered;
        if (_current is null)
            return VmEntryOutcome.FailedInvalid;
        FakeVmcs vmcs = Vmcs;
        uint error = vmcs.IsLaunched != isLaunched ? (isLaunched ? 5u : 4u) : VmxEntryCheck.ErrorOf(vmcs, _cpu);
        vmcs.Set(VmcsExit.InstructionError, error);
        if (error != 0)
            return VmEntryOutcome.Failed;

        Vmx<FakePlatform>.VmcsState.ReadChecked(FakePlatform.At<VmxCpu>(_cpu.Virtual.SecondVendorPage), out VmcsGuestState state);
        if (!GuestStateCheck.FirstProblem(state).IsEmpty)
        {
            vmcs.SetExit(0x8000_0000 | (uint)VmxExitReason.InvalidGuestState, 0, 0);
            return VmEntryOutcome.Exited;
        }
        if (_hasStaleEpt)
            throw new InvalidOperationException($"CPU {_cpu.Index} enters with translations of another EPT");
        vmcs.IsLaunched = true;
        Inject(vmcs);
        _machine.NoteEntry(_cpu);
        if (_cpu.OnGuest is null && CanTakeEvent)
            TakeEvent();
        else
            _cpu.ExecuteGuest();
        if (vmcs.ExitReason == VmxExitReason.ExceptionOrNmi)
            IsNmiBlocked = true;
        return VmEntryOutcome.Exited;
    }

    private uint Revision => (uint)_cpu.Msrs[VmxMsr.Basic] & 0x7FFF_FFFF;

    /// <summary>
    /// SDM vol. 3, 27.6 "Event Injection": the guest's handler gets the event; one of a non-maskable interrupt blocks the next.
    /// </summary>
    private void Inject(FakeVmcs vmcs)
    {
        var information = new EventInformation(vmcs.Get(VmcsControl.EntryInterruptionInformation));
        if (!information.IsValid)
            return;
        ulong errorCode = information.HasErrorCode ? vmcs.Get(VmcsControl.EntryExceptionErrorCode) : 0;
        _cpu.Injected.Add((errorCode << 32) | information.Value);
        vmcs.Set(VmcsGuest.Interruptibility, information.IsNmi ? Interruptibility.BlockedByNmi : Interruptibility.None);
        vmcs.Set(VmcsGuest.ActivityState, ActivityState.Active);
    }

    private static uint FirstWord(ulong address) => FakePlatform.At<uint>(new HostPhysicalAddress(address));

    private static void Demand(bool isGood, string what)
    {
        if (!isGood)
            throw new InvalidOperationException(what);
    }
}

using System;
using Switcher.Hv.Cpu;
using Switcher.Hv.Run;
using Switcher.Hv.State;
using Switcher.Hv.Vendor;
using Switcher.Hv.Vmx;
using Switcher.Hv.Vmx.Definitions;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Vmx;

/// <summary>Exceptions and non-maskable interrupts on their way to the guest: SDM vol. 3, 26.7.1, 27.6 "Event Injection", 28.2.4.</summary>
public sealed class GuestEventsTests : IDisposable
{
    private const uint Nmi = 0x8000_0202;
    private const ulong SingleStep = 1 << 14;
    private readonly FakeMachine _machine = VmxMachine.Create();

    private FakeCpu Cpu => _machine.Cpus[0];

    private FakeVmcs Vmcs => Cpu.Vmx.Vmcs;

    private uint Event => Vmcs.Get(VmcsControl.EntryInterruptionInformation);

    private bool IsWindowOpen => (Vmcs.Get(VmcsControl.PrimaryControls) & PrimaryControls.NmiWindowExiting) != 0;

    [Fact]
    public void Inject_ExceptionIn64BitMode_HasItsErrorCode()
    {
        Vmcs.Set(VmcsControl.EntryExceptionErrorCode, 5u);
        Vmx<FakePlatform>.Inject(ref Cpu.Virtual, GuestEvent.GeneralProtection);
        Assert.Equal((0x8000_0B0Du, 0u), (Event, Vmcs.Get(VmcsControl.EntryExceptionErrorCode)));
        Cpu.RunUntil(VmxExitReason.Cpuid, length: 2);
        Assert.Equal([0x8000_0B0DUL], Cpu.Injected);
        Assert.Equal(0u, Event >> 31);
    }

    /// <summary>The entry would fail with an error code there.</summary>
    [Fact]
    public void Inject_ExceptionInRealMode_HasNone()
    {
        Vmx<FakePlatform>.LoadState(ref Cpu.Virtual, CpuState.AfterStartup(0x9A));
        Vmx<FakePlatform>.Inject(ref Cpu.Virtual, GuestEvent.GeneralProtection);
        Cpu.RunUntil(VmxExitReason.Cpuid, length: 2);
        Assert.Equal([0x8000_030DUL], Cpu.Injected);
    }

    [Fact]
    public void Inject_NmiFreeGuest_ComesWithTheNextEntry()
    {
        Vmx<FakePlatform>.Inject(ref Cpu.Virtual, GuestEvent.NonMaskableInterrupt);
        Assert.Equal((Nmi, false), (Event, IsWindowOpen));
    }

    /// <summary>In its handler, behind STI, behind MOV SS: it waits.</summary>
    [Theory]
    [InlineData(Interruptibility.BlockedByNmi)]
    [InlineData(Interruptibility.BlockedBySti)]
    [InlineData(Interruptibility.BlockedByMovSs)]
    public void Inject_NmiBlockedGuest_ComesWhenTheWindowOpens(Interruptibility blocking)
    {
        Vmcs.Set(VmcsGuest.Interruptibility, blocking);
        Vmcs.Set(VmcsGuest.Rflags, 0x202);
        Vmx<FakePlatform>.Inject(ref Cpu.Virtual, GuestEvent.NonMaskableInterrupt);
        Assert.Equal((0u, true), (Event, IsWindowOpen));

        VmExit exit = Cpu.RunUntil(VmxExitReason.NmiWindow, record: vmcs => vmcs.Set(VmcsGuest.Interruptibility, Interruptibility.None));
        Assert.Equal((VmExitKind.None, 1, false), (exit.Kind, Cpu.Virtual.GuestNmi, IsWindowOpen));
        DeliverNmi();
        Assert.Equal((Nmi, false), (Event, IsWindowOpen));
    }

    /// <summary>
    /// STI blocks non-maskable interrupts on some CPUs only: others open the window behind it. To wait again would never end.
    /// </summary>
    [Fact]
    public void NmiWindow_BehindSti_IsUsed()
    {
        Vmcs.Set(VmcsGuest.Rflags, 0x202);
        Vmcs.Set(VmcsGuest.Interruptibility, Interruptibility.BlockedBySti);
        Vmx<FakePlatform>.Inject(ref Cpu.Virtual, GuestEvent.NonMaskableInterrupt);
        Cpu.RunUntil(VmxExitReason.NmiWindow);
        DeliverNmi();
        Assert.Equal((Nmi, false), (Event, IsWindowOpen));
        Cpu.RunUntil(VmxExitReason.Cpuid, length: 2);
        Assert.Equal([(ulong)Nmi], Cpu.Injected);
    }

    /// <summary>Two at once are one, as in hardware; the event that is due already is not overwritten.</summary>
    [Fact]
    public void Inject_NmiWhileAnotherEventIsDue_Waits()
    {
        Vmx<FakePlatform>.Inject(ref Cpu.Virtual, GuestEvent.InvalidOpcode);
        Vmx<FakePlatform>.Inject(ref Cpu.Virtual, GuestEvent.NonMaskableInterrupt);
        Vmx<FakePlatform>.Inject(ref Cpu.Virtual, GuestEvent.NonMaskableInterrupt);
        Assert.Equal((0x8000_0306u, true), (Event, IsWindowOpen));
    }

    [Fact]
    public void Inject_NmiCpuThatWaitsForItsStartup_IsDropped()
    {
        Cpu.Virtual.Activity = CpuActivity.WaitingForStartup;
        Vmx<FakePlatform>.WaitForStartup(ref _machine.Hypervisor, ref Cpu.Virtual);
        Vmx<FakePlatform>.Inject(ref Cpu.Virtual, GuestEvent.NonMaskableInterrupt);
        Assert.Equal((0u, false), (Event, IsWindowOpen));
    }

    /// <summary>INIT, and another guest, forget what was under way.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void NewState_WhileANmiWaits_ForgetsIt(bool isInit)
    {
        Vmcs.Set(VmcsGuest.Interruptibility, Interruptibility.BlockedByNmi);
        Vmx<FakePlatform>.Inject(ref Cpu.Virtual, GuestEvent.NonMaskableInterrupt);
        Vmcs.Set(VmcsGuest.PendingDebugExceptions, SingleStep);
        if (isInit)
            Vmx<FakePlatform>.WaitForStartup(ref _machine.Hypervisor, ref Cpu.Virtual);
        else
            Vmx<FakePlatform>.LoadState(ref Cpu.Virtual, CpuState.AfterStartup(0x9A));
        Assert.Equal((!isInit, Interruptibility.None, 0UL),
            (IsWindowOpen, Vmcs.Get(VmcsGuest.Interruptibility), Vmcs.Get(VmcsGuest.PendingDebugExceptions)));
        Assert.Equal(isInit ? ActivityState.WaitForSipi : ActivityState.Active, Vmcs.Get(VmcsGuest.ActivityState));
    }

    /// <summary>
    /// The guest before has sent it, or it is the one before the start-up: the CPU held it until it had a state in which it could exit.
    /// </summary>
    [Fact]
    public void Init_BeforeTheFirstInstructionOfANewState_IsNotForIt()
    {
        Vmx<FakePlatform>.LoadState(ref Cpu.Virtual, CpuState.AfterStartup(0x9A));
        Assert.True(IsWindowOpen);
        Assert.Equal(VmExitKind.None, Cpu.RunUntil(VmxExitReason.Init).Kind);
        Assert.Equal(VmExitKind.None, Cpu.RunUntil(VmxExitReason.NmiWindow).Kind);
        Assert.Equal((false, 0), (IsWindowOpen, Cpu.Virtual.GuestNmi));
        Assert.Equal(VmExitKind.Init, Cpu.RunUntil(VmxExitReason.Init).Kind);
    }

    /// <summary>The hypervisor's kick may come first; the guest's own interrupt is not lost by it.</summary>
    [Fact]
    public void Nmi_BeforeTheFirstInstructionOfANewState_IsTheGuests()
    {
        Vmx<FakePlatform>.LoadState(ref Cpu.Virtual, CpuState.AfterStartup(0x9A));
        Cpu.RunUntil(VmxExitReason.ExceptionOrNmi);
        DeliverNmi();
        Cpu.RunUntil(VmxExitReason.Cpuid, length: 2);
        Assert.Equal([(ulong)Nmi], Cpu.Injected);
    }

    /// <summary>A CPU that waits for its start-up is deaf: what came meanwhile is not for the code that starts.</summary>
    [Fact]
    public void Startup_AfterANmiDuringTheWait_DropsIt()
    {
        Vmx<FakePlatform>.WaitForStartup(ref _machine.Hypervisor, ref Cpu.Virtual);
        Cpu.Virtual.Activity = CpuActivity.WaitingForStartup;
        Cpu.RunUntil(VmxExitReason.Sipi, 0x9A, record: _ => Cpu.IsNmiPending = true);
        Assert.Equal((false, 0), (Cpu.IsNmiPending, Cpu.Virtual.GuestNmi));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void Nmi_OfTheGuestOrOfTheHypervisor_IsKnownByTheKick(int kick, int guest)
    {
        Cpu.Virtual.KickPending = kick;
        Cpu.RunUntil(VmxExitReason.ExceptionOrNmi);
        Assert.Equal((0, guest, false), (Cpu.Virtual.KickPending, Cpu.Virtual.GuestNmi, Cpu.Vmx.IsNmiBlocked));
    }

    /// <summary>The EPT violation cut off the delivery of an event.</summary>
    [Theory]
    [InlineData(0x8000_0030u, 0UL)]
    [InlineData(0x8000_0B0Eu, 7UL)]
    [InlineData(0x8000_0480u, 0UL)]
    [InlineData(0x8000_1603u, 0UL)]
    public void EptViolation_DuringDelivery_BringsTheEventAgain(uint vectoring, ulong errorCode)
    {
        Vmcs.Set(VmcsGuest.Rflags, 0x202);
        CutOff(0x182, vectoring, (uint)errorCode, length: 2);
        bool isInstruction = new EventInformation(vectoring).NeedsInstructionLength;
        Assert.Equal(isInstruction ? 2u : 0, Vmcs.Get(VmcsControl.EntryInstructionLength));
        Cpu.RunUntil(VmxExitReason.Cpuid, length: 2);
        Assert.Equal([(vectoring & ~0x1000u) | (errorCode << 32)], Cpu.Injected);
    }

    /// <summary>Its delivery had begun to block the next one, with which the entry would fail.</summary>
    [Fact]
    public void EptViolation_DuringDeliveryOfAnNmi_BringsItAgainUnblocked()
    {
        CutOff(0x182, Nmi, 0, length: 0, Interruptibility.BlockedByNmi);
        Assert.Equal((Nmi, Interruptibility.None), (Event, Vmcs.Get(VmcsGuest.Interruptibility)));
        Cpu.RunUntil(VmxExitReason.Cpuid, length: 2);
        Assert.Equal(Interruptibility.BlockedByNmi, Vmcs.Get(VmcsGuest.Interruptibility));
    }

    /// <summary>28.2.3 "Information About NMI Unblocking Due to IRET".</summary>
    [Theory]
    [InlineData(0x1182UL, 0u, Interruptibility.BlockedByNmi)]
    [InlineData(0x0182UL, 0u, Interruptibility.None)]
    [InlineData(0x1182UL, 0x8000_0030u, Interruptibility.None)]
    public void EptViolation_DuringIret_BlocksNmisAgain(ulong qualification, uint vectoring, Interruptibility expected)
    {
        Vmcs.Set(VmcsGuest.Rflags, 0x202);
        CutOff(qualification, vectoring, 0, length: 0);
        Assert.Equal(expected, Vmcs.Get(VmcsGuest.Interruptibility));
    }

    /// <summary>The instruction behind STI or MOV SS is over; what an NMI handler blocks stays blocked.</summary>
    [Theory]
    [InlineData(Interruptibility.BlockedBySti, Interruptibility.None)]
    [InlineData(Interruptibility.BlockedByMovSs, Interruptibility.None)]
    [InlineData(Interruptibility.BlockedByMovSs | Interruptibility.BlockedByNmi, Interruptibility.BlockedByNmi)]
    public void SetRip_InAShadow_EndsIt(Interruptibility before, Interruptibility after)
    {
        Vmcs.Set(VmcsGuest.Interruptibility, before);
        Vmx<FakePlatform>.SetRip(ref Cpu.Virtual, 0x1000);
        Assert.Equal((0x1000UL, after), (Vmcs.Get(VmcsGuest.Rip), Vmcs.Get(VmcsGuest.Interruptibility)));
    }

    /// <summary>
    /// A debugger's single step over an instruction that the hypervisor carries out; with IA32_DEBUGCTL.BTF only branches count.
    /// </summary>
    [Theory]
    [InlineData(0x102UL, 0UL, SingleStep)]
    [InlineData(0x102UL, 2UL, 0UL)]
    [InlineData(0x002UL, 0UL, 0UL)]
    public void SetRip_WhileTheGuestSteps_IsAStep(ulong flags, ulong debugCtl, ulong expected)
    {
        Vmcs.Set(VmcsGuest.Rflags, flags);
        Vmcs.Set(VmcsGuest.DebugCtl, debugCtl);
        Vmx<FakePlatform>.SetRip(ref Cpu.Virtual, 0x1000);
        Assert.Equal(expected, Vmcs.Get(VmcsGuest.PendingDebugExceptions));
    }

    public void Dispose() => _machine.Dispose();

    private void DeliverNmi() => Hypervisor<FakePlatform, Vmx<FakePlatform>>.DeliverNmi(ref Cpu.Virtual);

    private void CutOff(ulong qualification, uint vectoring, uint errorCode, int length, Interruptibility blocking = Interruptibility.None)
        => Cpu.RunUntil(VmxExitReason.EptViolation, qualification, length, vmcs =>
        {
            vmcs.Set(VmcsExit.IdtVectoringInformation, vectoring);
            vmcs.Set(VmcsExit.IdtVectoringErrorCode, errorCode);
            vmcs.Set(VmcsGuest.Interruptibility, blocking);
        });
}

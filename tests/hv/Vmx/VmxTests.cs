using System;
using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;
using Switcher.Hv.Paging;
using Switcher.Hv.Run;
using Switcher.Hv.Vendor;
using Switcher.Hv.Vmx;
using Switcher.Hv.Vmx.Definitions;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Vmx;

public sealed class VmxTests : IDisposable
{
    private readonly FakeMachine _machine = VmxMachine.Create();

    private FakeCpu Cpu => _machine.Cpus[0];

    private FakeVmcs Vmcs => Cpu.Vmx.Vmcs;

    /// <summary>Promise 5: no exits on interrupts, exceptions, HLT, CR3, TSC and page faults.</summary>
    [Fact]
    public void EnableCpu_Vmcs_InterceptsTheseAndNoOthers()
    {
        Assert.Equal((PinControls)0x3E, Vmcs.Get(VmcsControl.PinControls));
        Assert.Equal((PrimaryControls)0x9600_6172, Vmcs.Get(VmcsControl.PrimaryControls));
        Assert.Equal((0u, 0u, 0u), (Vmcs.Get(VmcsControl.ExceptionBitmap), Vmcs.Get(VmcsControl.PageFaultErrorCodeMask),
            Vmcs.Get(VmcsControl.PageFaultErrorCodeMatch)));
        Assert.Equal((_machine.Hypervisor.IoBitmap.Value, _machine.Hypervisor.IoBitmap.Value + 0x1000, _machine.Hypervisor.MsrBitmap.Value),
            (Vmcs.Get(VmcsControl.IoBitmapA), Vmcs.Get(VmcsControl.IoBitmapB), Vmcs.Get(VmcsControl.MsrBitmap)));
        Assert.Equal((ulong.MaxValue, 0UL), (Vmcs.Get(VmcsGuest.LinkPointer), Vmcs.Get(VmcsControl.XssExitingBitmap)));
        Assert.NotEqual(0, Vmcs.Get(VmcsControl.VirtualProcessorId));
    }

    /// <summary>What the CPU lacks has no field either.</summary>
    [Fact]
    public void EnableCpu_IvyBridge_EntersItsGuest()
    {
        using FakeMachine machine = VmxMachine.Create(VmxModels.IvyBridge);
        Assert.Equal(VmExitKind.Cpuid, machine.Cpus[0].RunUntil(VmxExitReason.Cpuid, length: 2).Kind);
    }

    [Fact]
    public void LoadState_AnyState_IsWhatSaveStateGives()
    {
        CpuState state = CpuStates.LongMode(MemoryLayout.Firmware) with
        {
            Cr2 = 0x1234,
            Dr6 = 0xFFFF_4FF0,
            Dr7 = 0x401,
            Star = 0x23_0010_0000_0000,
            LStar = 0xFFFF_FFFF_8180_0000,
            CStar = 0xFFFF_FFFF_8181_0000,
            SfMask = 0x4_7700,
            KernelGsBase = 0x7F00_0000_1000,
            SysenterCs = 0x10,
            SysenterEsp = 0x1000,
            SysenterEip = 0xFFFF_FFFF_8182_0000,
            Pat = 0x0407_0506_0007_0106,
        };
        Vmx<FakePlatform>.LoadState(ref Cpu.Virtual, state);
        Vmx<FakePlatform>.SaveState(ref Cpu.Virtual, out CpuState saved);
        Assert.Equal(state, saved);
        Assert.Equal(1, Cpu.Vmx.VpidInvalidations);
    }

    /// <summary>Every state in which the hypervisor starts a CPU is one that the CPU enters.</summary>
    [Fact]
    public void LoadState_StatesOfTheHypervisor_AreAllEntered()
    {
        CpuState[] states =
        [
            CpuState.AfterStartup(0x9A), CpuState.AtWakingVector(0x9_91F7), CpuState.AfterInit(0xF000, 0xFFF0),
            CpuStates.Protected(MemoryLayout.Firmware), CpuStates.LongMode(MemoryLayout.Firmware),
        ];
        foreach (CpuState state in states)
        {
            Vmx<FakePlatform>.LoadState(ref Cpu.Virtual, state);
            Assert.Equal(VmExitKind.Cpuid, Cpu.RunUntil(VmxExitReason.Cpuid, length: 2).Kind);
        }
    }

    /// <summary>Firmware often has no task register, and segments whose descriptors nobody has marked as accessed.</summary>
    [Fact]
    public void LoadState_AsFirmwareLeavesIt_IsEntered()
    {
        var data = new SegmentRegister(0x30, 0xC092, 0xFFFF_FFFF, 0);
        Vmx<FakePlatform>.LoadState(ref Cpu.Virtual, CpuStates.LongMode(MemoryLayout.Firmware) with
        {
            Cs = new SegmentRegister(0x38, 0xA09A, 0xFFFF_FFFF, 0),
            Ss = data,
            Ds = data,
            Es = data,
            Fs = new SegmentRegister(0, SegmentRegister.Unusable, 0, 0),
            Gs = data,
            Tr = new SegmentRegister(0, SegmentRegister.Unusable, 0, 0),
            Ldtr = new SegmentRegister(0, SegmentRegister.Unusable, 0, 0),
        });
        Assert.Equal(VmExitKind.Cpuid, Cpu.RunUntil(VmxExitReason.Cpuid, length: 2).Kind);
        Assert.Equal((0x8Bu, 0xA09Bu, SegmentRegister.Unusable),
            (Vmcs.Get(VmcsGuest.Tr.AccessRights), Vmcs.Get(VmcsGuest.Cs.AccessRights), Vmcs.Get(VmcsGuest.Fs.AccessRights)));
    }

    /// <summary>SDM vol. 3, table 25-9: write-back, four levels, no accessed and dirty flags.</summary>
    [Fact]
    public void SetNestedRoot_Any_IsTheEptPointerAndDropsTheOldTranslations()
    {
        Vmx<FakePlatform>.SetNestedRoot(ref Cpu.Virtual, new HostPhysicalAddress(0x1_2345_5000));
        Assert.Equal(0x1_2345_501EUL, Vmcs.Get(VmcsControl.EptPointer));
        Assert.Equal(VmExitKind.Cpuid, Cpu.RunUntil(VmxExitReason.Cpuid, length: 2).Kind);
    }

    [Fact]
    public void TryTranslate_ThroughTheEpt_FindsWhereItIs()
    {
        var arena = new PageArena(new MemoryRange(MemoryLayout.Hypervisor + 0x8_0000, 0x1_0000));
        NestedPageTable<EptFormat, FakePlatform>.TryCreate(ref arena, PageSize.Small, out NestedPageTable<EptFormat, FakePlatform> table);
        table.Map(new GuestPhysicalAddress(0x5000), new HostPhysicalAddress(0x9000), PageSize.Small, Access.ReadWrite, CacheType.WriteBack,
            ref arena);
        Assert.True(Vmx<FakePlatform>.TryTranslate(table.Root, new GuestPhysicalAddress(0x5123), out HostPhysicalAddress result));
        Assert.Equal(0x9123UL, result.Value);
        Assert.False(Vmx<FakePlatform>.TryTranslate(table.Root, new GuestPhysicalAddress(0x6000), out _));
    }

    /// <summary>INIT, then the start-up: the guest's state may be any while the CPU waits.</summary>
    [Fact]
    public void WaitForStartup_ThenSipi_EntersInBothStates()
    {
        Vmx<FakePlatform>.WaitForStartup(ref _machine.Hypervisor, ref Cpu.Virtual);
        ActivityState entered = ActivityState.Active;
        VmExit exit = Cpu.RunUntil(VmxExitReason.Sipi, 0x9A, record: vmcs => entered = vmcs.Get(VmcsGuest.ActivityState));
        Assert.Equal((ActivityState.WaitForSipi, VmExitKind.Startup, 0x9A), (entered, exit.Kind, exit.Vector));
        Vmx<FakePlatform>.LoadState(ref Cpu.Virtual, CpuState.AfterStartup(exit.Vector));
        Assert.Equal((0x9A00, 0x9_A000UL), (Vmcs.Get(VmcsGuest.Cs.Selector), (ulong)Vmcs.Get(VmcsGuest.Cs.Base)));
        Assert.Equal(VmExitKind.Cpuid, Cpu.RunUntil(VmxExitReason.Cpuid, length: 2).Kind);
    }

    public void Dispose() => _machine.Dispose();
}

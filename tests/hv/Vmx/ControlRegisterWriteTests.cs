using System;
using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;
using Switcher.Hv.Paging;
using Switcher.Hv.Run;
using Switcher.Hv.Vendor;
using Switcher.Hv.Vmx;
using Switcher.Hv.Vmx.Checks;
using Switcher.Hv.Vmx.Definitions;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Vmx;

/// <summary>
/// Writes of CR0 and CR4 that exit: SDM vol. 2, "MOV—Move to/from Control Registers"; vol. 3, 4.4.1 and 25.6.6 "Guest/Host Masks and Read
/// Shadows".
/// </summary>
public sealed class ControlRegisterWriteTests : IDisposable
{
    private const ulong Paging = Cr0.Paging | Cr0.ProtectedMode | Cr0.ExtensionType;
    private const ulong Pae = Cr4.PhysicalAddressExtension;
    private const ulong Pdptes = MemoryLayout.Firmware + MemoryLayout.Data + 0x20;
    private readonly FakeMachine _machine = VmxMachine.Create();

    private FakeCpu Cpu => _machine.Cpus[0];

    private FakeVmcs Vmcs => Cpu.Vmx.Vmcs;

    private CpuState State
    {
        get
        {
            Vmx<FakePlatform>.SaveState(ref Cpu.Virtual, out CpuState state);
            return state;
        }
    }

    private bool IsFault => Vmcs.Get(VmcsControl.EntryInterruptionInformation) == (State.Cr0 % 2 == 0 ? 0x8000_030Du : 0x8000_0B0Du);

    /// <summary>NE is all that VMX forces upon the CR0 of an unrestricted guest; VMXE upon CR4, and SMXE belongs with it.</summary>
    [Fact]
    public void Masks_OfAnUnrestrictedGuest_HoldTheseAndNoOthers()
        => Assert.Equal((Cr0.NumericError, Cr4.VirtualMachineExtensions | Cr4.SaferModeExtensions),
            ((ulong)Vmcs.Get(VmcsControl.Cr0Mask), (ulong)Vmcs.Get(VmcsControl.Cr4Mask)));

    /// <summary>The guest reads what it wrote, whatever VMX has made of it.</summary>
    [Fact]
    public void LoadState_RealMode_ShowsTheGuestItsOwnValues()
    {
        Load(CpuState.AfterStartup(0x9A));
        Assert.Equal((Cr0.ExtensionType, 0UL), (State.Cr0, State.Cr4));
        Assert.Equal((Cr0.ExtensionType | Cr0.NumericError, Cr4.VirtualMachineExtensions),
            ((ulong)Vmcs.Get(VmcsGuest.Cr0), (ulong)Vmcs.Get(VmcsGuest.Cr4)));
        Assert.Equal(0UL, Vmcs.Get(VmcsControl.Cr4Shadow));
    }

    /// <summary>As Linux does when it starts a CPU: the step into 64-bit mode, on a CPU that exits because of NE.</summary>
    [Fact]
    public void Cr0_PagingWithLme_ActivatesIa32eMode()
    {
        Load(CpuStates.Protected(MemoryLayout.Firmware) with { Cr4 = Pae, Efer = Efer.LongModeEnable | Efer.NoExecuteEnable });
        ulong rip = State.Rip;
        Write(0, 0x8005_0033);
        Assert.Equal((0x8005_0033UL, Efer.LongModeEnable | Efer.LongModeActive | Efer.NoExecuteEnable, rip + 3),
            (State.Cr0, State.Efer, State.Rip));
        Assert.NotEqual(EntryControls.None, Vmcs.Get(VmcsControl.EntryControls) & EntryControls.Ia32eModeGuest);
        Assert.Equal(1, Cpu.Vmx.VpidInvalidations);
        Assert.Equal("", Problem());
    }

    [Fact]
    public void Cr0_PagingOffInCompatibilityMode_LeavesIa32eMode()
    {
        Load(CpuStates.LongMode(MemoryLayout.Firmware) with { Cs = new SegmentRegister(0x10, 0xC09B, 0xFFFF_FFFF, 0) });
        Write(0, Cr0.ProtectedMode | Cr0.ExtensionType);
        Assert.Equal((Cr0.ProtectedMode | Cr0.ExtensionType, Efer.LongModeEnable | Efer.NoExecuteEnable), (State.Cr0, State.Efer));
        Assert.Equal(EntryControls.None, Vmcs.Get(VmcsControl.EntryControls) & EntryControls.Ia32eModeGuest);
        Assert.Equal("", Problem());
    }

    /// <summary>Numeric error is the bit that brings the exit; reserved bits are ignored, ET is 1 always.</summary>
    [Fact]
    public void Cr0_InRealMode_TakesWhatACpuHasOnly()
    {
        Load(CpuState.AfterStartup(0x9A));
        Write(0, 0xFFFF_FFFF_0000_FFC2 | Cr0.NumericError);
        Assert.Equal(Cr0.MonitorCoprocessor | Cr0.ExtensionType | Cr0.NumericError, State.Cr0);
    }

    /// <summary>CD and NW are not switched with the guest, so that they are the CPU's own.</summary>
    [Fact]
    public void Cr0_CachesOff_ReachesTheCpu()
    {
        ulong before = Cpu.Vmx.Cr0;
        Write(0, State.Cr0 | Cr0.CacheDisable | Cr0.NumericError);
        Assert.Equal((before | Cr0.CacheDisable, Cr0.CacheDisable), (Cpu.Vmx.Cr0, State.Cr0 & Cr0.CacheDisable));
        Write(0, State.Cr0 & ~Cr0.CacheDisable);
        Assert.Equal(before, Cpu.Vmx.Cr0);
    }

    [Theory]
    [InlineData(1UL << 32, "upper half")]
    [InlineData(Cr0.Paging, "PG without PE")]
    [InlineData(Paging | Cr0.NotWritethrough, "NW without CD")]
    [InlineData(Cr0.ProtectedMode, "PG off in 64-bit code")]
    public void Cr0_In64BitMode_FaultsAsTheCpuDoes(ulong value, string why)
    {
        CpuState before = State;
        Write(0, value);
        Assert.True(IsFault, why);
        Assert.Equal((before.Cr0, before.Efer, before.Rip), (State.Cr0, State.Efer, State.Rip));
    }

    /// <summary>Activating IA-32e mode: with PAE, from code that is not 64-bit, with a task state segment of 32 bits.</summary>
    [Theory]
    [InlineData(0UL, 0xC09Bu, 0x8Bu)]
    [InlineData(Pae, 0xA09Bu, 0x8Bu)]
    [InlineData(Pae, 0xC09Bu, 0x83u)]
    public void Cr0_PagingWithLmeInTheWrongState_Faults(ulong cr4, uint code, uint task)
    {
        Load(CpuStates.Protected(MemoryLayout.Firmware) with { Cr4 = cr4, Efer = Efer.LongModeEnable });
        Vmcs.Set(VmcsGuest.Cs.AccessRights, code);
        Vmcs.Set(VmcsGuest.Tr.AccessRights, task);
        Write(0, Paging | Cr0.NumericError);
        Assert.True(IsFault);
        Assert.Equal(0UL, State.Cr0 & Cr0.Paging);
    }

    [Fact]
    public void Cr0_PagingOffWithPcids_Faults()
    {
        Load(CpuStates.LongMode(MemoryLayout.Firmware) with { Cs = new SegmentRegister(0x10, 0xC09B, 0xFFFF_FFFF, 0) });
        Vmcs.Set(VmcsGuest.Cr4, Vmcs.Get(VmcsGuest.Cr4) | (nuint)Cr4.ProcessContextIdentifiers);
        Write(0, Cr0.ProtectedMode);
        Assert.True(IsFault);
    }

    [Fact]
    public void Cr0_WriteProtectOffWithCet_Faults()
    {
        Cpu.Own().Cr4 = new FixedBits(Cr4.VirtualMachineExtensions, 0xFF_27FF);
        Vmcs.Set(VmcsGuest.Cr4, Vmcs.Get(VmcsGuest.Cr4) | (nuint)Cr4.ControlFlowEnforcement);
        Write(0, Paging | Cr0.NumericError);
        Assert.True(IsFault);
    }

    /// <summary>Paging with PAE outside IA-32e mode: the CPU has the four entries in registers, and loads them now.</summary>
    [Fact]
    public void Cr0_PagingWithPae_LoadsThePdptes()
    {
        LoadPae(Pdptes, 0x1001, 0, 0xFF_FFFF_F019, 0xFFFF_FFFF_FFFF_FFFE);
        Write(0, Paging | Cr0.NumericError);
        Assert.Equal((0x1001UL, 0UL, 0xFF_FFFF_F019UL, 0xFFFF_FFFF_FFFF_FFFEUL),
            (Vmcs.Get(VmcsGuest.Pdpte0), Vmcs.Get(VmcsGuest.Pdpte1), Vmcs.Get(VmcsGuest.Pdpte2), Vmcs.Get(VmcsGuest.Pdpte3)));
        Assert.Equal((Paging | Cr0.NumericError, "", 0UL), (State.Cr0, Problem(), State.Efer));
    }

    /// <summary>They are looked up where the guest's memory really is.</summary>
    [Fact]
    public void Cr0_PagingWithPae_FindsThePdptesThroughTheEpt()
    {
        const ulong Guest = 0x1_2345_6000;
        var arena = new PageArena(new MemoryRange(MemoryLayout.Hypervisor + 0x8_0000, 0x1_0000));
        NestedPageTable<EptFormat, FakePlatform>.TryCreate(ref arena, PageSize.Small, out NestedPageTable<EptFormat, FakePlatform> table);
        table.Map(new GuestPhysicalAddress(Guest & 0xFFFF_F000), new HostPhysicalAddress(Pdptes & ~0xFFFUL), PageSize.Small,
            Access.ReadWrite,
            CacheType.WriteBack, ref arena);
        LoadPae((Guest & 0xFFFF_F000) + (Pdptes & 0xFFF), 0x1001, 0x2001, 0x3001, 0x4001);
        Vmx<FakePlatform>.SetNestedRoot(ref Cpu.Virtual, table.Root);
        Write(0, Paging | Cr0.NumericError);
        Assert.Equal((0x1001UL, 0x4001UL), (Vmcs.Get(VmcsGuest.Pdpte0), Vmcs.Get(VmcsGuest.Pdpte3)));
    }

    [Theory]
    [InlineData(0x1003UL)]
    [InlineData(0x10E1UL)]
    [InlineData(0x1101UL)]
    [InlineData((1UL << 40) | 1)]
    public void Cr0_PagingWithPaeAndReservedBits_Faults(ulong entry)
    {
        LoadPae(Pdptes, 0x1001, 0x2001, 0x3001, entry);
        Write(0, Paging | Cr0.NumericError);
        Assert.True(IsFault);
        Assert.Equal((0UL, 0UL), (State.Cr0 & Cr0.Paging, Vmcs.Get(VmcsGuest.Pdpte0)));
    }

    [Fact]
    public void Cr0_PagingWithPaeAndNoMemoryThere_Faults()
    {
        LoadPae(0, 0, 0, 0, 0);
        Vmcs.Set(VmcsGuest.Cr3, (nuint)0xFFFF_FFE0);
        var arena = new PageArena(new MemoryRange(MemoryLayout.Hypervisor + 0x8_0000, 0x1_0000));
        NestedPageTable<EptFormat, FakePlatform>.TryCreate(ref arena, PageSize.Small, out NestedPageTable<EptFormat, FakePlatform> empty);
        Vmx<FakePlatform>.SetNestedRoot(ref Cpu.Virtual, empty.Root);
        Write(0, Paging | Cr0.NumericError);
        Assert.True(IsFault);
    }

    /// <summary>Without a change of PG, CD or NW the registers stay, whatever memory has by now.</summary>
    [Fact]
    public void Cr0_PaeWithoutAChangeOfPaging_KeepsThePdptes()
    {
        LoadPae(Pdptes, 0x1001, 0x2001, 0x3001, 0x4001);
        Write(0, Paging | Cr0.NumericError);
        FakePlatform.At<ulong>(new HostPhysicalAddress(Pdptes)) = 0xDEAD_0003;
        Write(0, Paging);
        Assert.Equal((0x1001UL, Paging), (Vmcs.Get(VmcsGuest.Pdpte0), State.Cr0));
    }

    /// <summary>The extension does not exist for the guest, so its bits are reserved.</summary>
    [Theory]
    [InlineData(Cr4.VirtualMachineExtensions)]
    [InlineData(Cr4.SaferModeExtensions)]
    public void Cr4_BitsOfExtensionsThatGuestsDoNotHave_Fault(ulong bit)
    {
        ulong before = State.Cr4;
        Write(4, before | bit);
        Assert.True(IsFault);
        Assert.Equal(before, State.Cr4);
    }

    /// <summary>CLTS, LMSW, reads, and other registers never exit under these controls.</summary>
    [Theory]
    [InlineData(0x20UL)]
    [InlineData(0x30UL)]
    [InlineData(0x13UL)]
    [InlineData(0x03UL)]
    [InlineData(0x08UL)]
    public void OtherAccess_Any_IsUnknown(ulong qualification)
    {
        ulong rip = State.Rip;
        VmExit exit = Cpu.RunUntil(VmxExitReason.ControlRegister, qualification, 3);
        Assert.Equal((VmExitKind.Unknown, rip), (exit.Kind, State.Rip));
    }

    /// <summary>The value comes from the register that the instruction names, RSP among them; outside 64-bit code its low half.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(15)]
    public void Cr0_FromAnyRegister_IsThatRegistersValue(int register)
    {
        Load(CpuStates.Protected(MemoryLayout.Firmware));
        const ulong Value = Cr0.ProtectedMode | Cr0.NumericError | Cr0.ExtensionType;
        Vmcs.Set(VmcsGuest.Rsp, Value);
        Cpu.Virtual.Registers.Set(register, 0xFFFF_FFFF_0000_0000 | Value);
        Cpu.RunUntil(VmxExitReason.ControlRegister, (ulong)register << 8, 3);
        Assert.Equal(Value, State.Cr0);
    }

    public void Dispose() => _machine.Dispose();

    private void Load(in CpuState state)
    {
        Vmx<FakePlatform>.LoadState(ref Cpu.Virtual, state);
        Cpu.Vmx.VpidInvalidations = 0;
    }

    private void LoadPae(ulong cr3, ulong entry0, ulong entry1, ulong entry2, ulong entry3)
    {
        ulong[] entries = [entry0, entry1, entry2, entry3];
        for (int i = 0; i < entries.Length; i++)
            FakePlatform.At<ulong>(new HostPhysicalAddress(Pdptes + (8 * (ulong)i))) = entries[i];
        Load(CpuStates.Protected(MemoryLayout.Firmware) with { Cr3 = cr3, Cr4 = Pae });
    }

    /// <summary>MOV CRn, RAX.</summary>
    private void Write(int register, ulong value)
    {
        Cpu.Virtual.Registers.Rax = value;
        VmExit exit = Cpu.RunUntil(VmxExitReason.ControlRegister, (ulong)register, 3);
        Assert.Equal(VmExitKind.ControlRegister, exit.Kind);
    }

    private string Problem()
    {
        Vmx<FakePlatform>.VmcsState.ReadChecked(Cpu.Own(), out VmcsGuestState state);
        return System.Text.Encoding.ASCII.GetString(GuestStateCheck.FirstProblem(state));
    }
}

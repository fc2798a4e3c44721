using System;
using System.Text;
using CsCheck;
using Switcher.Hv.Cpu;
using Switcher.Hv.State;
using Switcher.Hv.Vendor;
using Switcher.Hv.Vmx;
using Switcher.Hv.Vmx.Definitions;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Vmx;

/// <summary>Exit reasons, their qualifications, and failed entries: SDM vol. 3, 28.2, 27.8 and appendix C.</summary>
public sealed class VmxExitTests : IDisposable
{
    private readonly FakeMachine _machine = VmxMachine.Create();

    private FakeCpu Cpu => _machine.Cpus[0];

    private FakeVmcs Vmcs => Cpu.Vmx.Vmcs;

    [Theory]
    [InlineData(0, VmExitKind.Nmi)]
    [InlineData(1, VmExitKind.Unknown)]
    [InlineData(2, VmExitKind.TripleFault)]
    [InlineData(3, VmExitKind.Init)]
    [InlineData(4, VmExitKind.Startup)]
    [InlineData(8, VmExitKind.None)]
    [InlineData(9, VmExitKind.Unknown)]
    [InlineData(10, VmExitKind.Cpuid)]
    [InlineData(11, VmExitKind.VirtualizationInstruction)]
    [InlineData(12, VmExitKind.Pause)]
    [InlineData(40, VmExitKind.Pause)]
    [InlineData(13, VmExitKind.CacheInvalidation)]
    [InlineData(18, VmExitKind.Hypercall)]
    [InlineData(19, VmExitKind.VirtualizationInstruction)]
    [InlineData(20, VmExitKind.VirtualizationInstruction)]
    [InlineData(21, VmExitKind.VirtualizationInstruction)]
    [InlineData(22, VmExitKind.VirtualizationInstruction)]
    [InlineData(23, VmExitKind.VirtualizationInstruction)]
    [InlineData(24, VmExitKind.VirtualizationInstruction)]
    [InlineData(25, VmExitKind.VirtualizationInstruction)]
    [InlineData(26, VmExitKind.VirtualizationInstruction)]
    [InlineData(27, VmExitKind.VirtualizationInstruction)]
    [InlineData(28, VmExitKind.ControlRegister)]
    [InlineData(30, VmExitKind.Io)]
    [InlineData(31, VmExitKind.ReadMsr)]
    [InlineData(32, VmExitKind.WriteMsr)]
    [InlineData(48, VmExitKind.NestedPageFault)]
    [InlineData(49, VmExitKind.Unknown)]
    [InlineData(50, VmExitKind.VirtualizationInstruction)]
    [InlineData(53, VmExitKind.VirtualizationInstruction)]
    [InlineData(55, VmExitKind.ExtendedControlRegister)]
    [InlineData(59, VmExitKind.VirtualizationInstruction)]
    [InlineData(77, VmExitKind.Unknown)]
    [InlineData(0x8000_0021, VmExitKind.InvalidState)]
    [InlineData(0x8000_0022, VmExitKind.InvalidState)]
    public void Read_EachReason_HasItsKind(uint reason, VmExitKind kind)
    {
        Vmcs.SetExit(reason, 0x30, 0);
        VmExit exit = Vmx<FakePlatform>.VmxExit.Read();
        Assert.Equal((kind, (ulong)reason, 0x30UL), (exit.Kind, exit.Code, exit.Information));
    }

    /// <summary>Table 25-17 "Format of the VM-Exit Interruption-Information Field": #UD, #GP with its error code, NMI.</summary>
    [Theory]
    [InlineData(0x8000_0306, VmExitKind.Unknown)]
    [InlineData(0x8000_0B0D, VmExitKind.Unknown)]
    [InlineData(0x8000_0202, VmExitKind.Nmi)]
    public void Read_ExceptionOrNmi_IsToldApart(uint information, VmExitKind kind)
    {
        Vmcs.SetExit((uint)VmxExitReason.ExceptionOrNmi, 0, 0);
        Vmcs.Set(VmcsExit.InterruptionInformation, information);
        Assert.Equal(kind, Vmx<FakePlatform>.VmxExit.Read().Kind);
    }

    /// <summary>Table 28-5 "Exit Qualification for I/O Instructions".</summary>
    [Fact]
    public void Read_AnyPortAccess_HasItsFields() =>
        Gen.Select(Gen.UShort, Gen.Int[0, 2], Gen.Bool, Gen.Bool, Gen.Int[1, 15]).Sample((port, log, isIn, isString, length) =>
        {
            int size = 1 << log;
            ulong qualification = ((ulong)port << 16) | (uint)(size - 1) | (isIn ? 8u : 0) | (isString ? 0x10u : 0);
            Vmcs.SetExit((uint)VmxExitReason.Io, qualification, length);
            VmExit exit = Vmx<FakePlatform>.VmxExit.Read();
            return exit.Kind == VmExitKind.Io && exit.Port == port && exit.Size == size && exit.IsIn == isIn && exit.IsString == isString
                && exit.NextRip == Vmcs.Get(VmcsGuest.Rip) + (ulong)length;
        }, threads: 1);

    /// <summary>As Bochs records them for IN AX, DX and OUT DX, AX at port B004h.</summary>
    [Theory]
    [InlineData(0xB004_0009UL, true)]
    [InlineData(0xB004_0001UL, false)]
    public void Read_PortAccessOfBochs_HasItsFields(ulong qualification, bool isIn)
    {
        Vmcs.SetExit((uint)VmxExitReason.Io, qualification, 2);
        VmExit exit = Vmx<FakePlatform>.VmxExit.Read();
        Assert.Equal(((ushort)0xB004, (byte)2, isIn, false), (exit.Port, exit.Size, exit.IsIn, exit.IsString));
    }

    [Fact]
    public void Read_StartupInterrupt_HasItsVector()
    {
        Vmcs.SetExit((uint)VmxExitReason.Sipi, 0x9A, 0);
        Assert.Equal(0x9A, Vmx<FakePlatform>.VmxExit.Read().Vector);
    }

    [Fact]
    public void Read_EptViolation_HasItsAddress()
    {
        Vmcs.SetExit((uint)VmxExitReason.EptViolation, 0x182, 3);
        Vmcs.Set(VmcsExit.GuestPhysicalAddress, 0x1_2345_6789UL);
        VmExit exit = Vmx<FakePlatform>.VmxExit.Read();
        Assert.Equal((0x1_2345_6789UL, NestedAccess.Write, 0UL), (exit.Address, exit.Access, exit.NextRip));
    }

    /// <summary>EIP wraps at 4 GiB; RIP of 64-bit code goes on.</summary>
    [Theory]
    [InlineData(false, 0xFFFF_FFFEUL, 0UL)]
    [InlineData(true, 0xFFFF_FFFEUL, 0x1_0000_0000UL)]
    [InlineData(false, 0xFFFF_FFFDUL, 0xFFFF_FFFFUL)]
    [InlineData(true, 0xFFFF_FFFF_8000_0000UL, 0xFFFF_FFFF_8000_0002UL)]
    public void NextRip_AtTheEndOfTheAddressSpace_WrapsOutside64BitCode(bool isLong, ulong rip, ulong next)
    {
        if (!isLong)
            Vmx<FakePlatform>.LoadState(ref Cpu.Virtual, CpuStates.Protected(MemoryLayout.Firmware));
        Vmcs.Set(VmcsGuest.Rip, rip);
        Vmcs.SetExit((uint)VmxExitReason.Cpuid, 0, 2);
        Assert.Equal(next, Vmx<FakePlatform>.VmxExit.Read().NextRip);
    }

    [Fact]
    public void Run_Exit_GivesRspAndResumesFromThenOn()
    {
        const ulong Rsp = 0x1_2345_6780;
        Cpu.Virtual.Registers.Rsp = 0xABC0;
        ulong entered = 0;
        Cpu.RunUntil(VmxExitReason.Cpuid, length: 2, record: vmcs =>
        {
            entered = vmcs.Get(VmcsGuest.Rsp);
            vmcs.Set(VmcsGuest.Rsp, Rsp);
        });
        Assert.Equal((0xABC0UL, Rsp, true), (entered, Cpu.Virtual.Registers.Rsp, Cpu.Own().IsLaunched));
        Assert.Equal(VmExitKind.Cpuid, Cpu.RunUntil(VmxExitReason.Cpuid, length: 2).Kind);
    }

    /// <summary>A request that came on the way to the guest: nothing happened, and nothing is to be handled.</summary>
    [Fact]
    public void Run_RequestFirst_DoesNotEnter()
    {
        Cpu.Virtual.Requests = CpuRequest.Stop;
        VmExit exit = Vmx<FakePlatform>.Run(ref Cpu.Virtual);
        Assert.Equal((VmExitKind.None, false, 0), (exit.Kind, Cpu.Own().IsLaunched, Cpu.Virtual.GuestNmi));
    }

    [Fact]
    public void Run_InvalidGuestState_NamesTheRule()
    {
        Vmcs.Set(VmcsGuest.Rflags, 0);
        VmExit exit = Vmx<FakePlatform>.Run(ref Cpu.Virtual);
        Assert.Equal((VmExitKind.InvalidState, 0x8000_0021UL, false), (exit.Kind, exit.Code, Cpu.Own().IsLaunched));
        Assert.Equal("RFLAGS bit 1 is 0", Explain(exit));
    }

    [Fact]
    public void Run_InvalidControls_NamesTheError()
    {
        Vmcs.Set(VmcsControl.PinControls, PinControls.None);
        VmExit exit = Vmx<FakePlatform>.Run(ref Cpu.Virtual);
        Assert.Equal((VmExitKind.InvalidState, "VM entry with invalid control fields"), (exit.Kind, Explain(exit)));
    }

    [Fact]
    public void Run_InvalidHostState_NamesTheError()
    {
        Vmcs.Set(VmcsHost.TrSelector, (ushort)0);
        Assert.Equal("VM entry with invalid host-state fields", Explain(Vmx<FakePlatform>.Run(ref Cpu.Virtual)));
    }

    [Fact]
    public void Run_VmcsThatWasNotLaunched_NamesTheError()
    {
        Cpu.Own().IsLaunched = true;
        Assert.Equal("VMRESUME with non-launched VMCS", Explain(Vmx<FakePlatform>.Run(ref Cpu.Virtual)));
    }

    [Theory]
    [InlineData(VmxExitReason.TaskSwitch, "task switch, which Switcher does not carry out")]
    [InlineData(VmxExitReason.EptMisconfiguration, "EPT entry with reserved bits or a reserved memory type")]
    [InlineData((VmxExitReason)77, "exit reason that Switcher does not know")]
    public void Explain_UnknownExit_SaysWhatItWas(VmxExitReason reason, string text)
        => Assert.Equal(text, Explain(Cpu.RunUntil(reason)));

    /// <summary>Each number of 31.4 "VM Instruction Error Numbers" that an entry outside SMM can have has words.</summary>
    [Fact]
    public void InstructionError_EachNumber_HasItsWords()
    {
        for (uint number = 0; number <= 30; number++)
        {
            bool exists = number is 0 or 4 or 5 or 6 or 7 or 8 or 26;
            Assert.Equal(exists, Encoding.ASCII.GetString(VmxInstructionErrorText.Of(number)) != "VM-instruction error that no entry has");
        }
    }

    [Fact]
    public void Xsetbv_GoodValue_IsCarriedOut()
    {
        ulong rip = Vmcs.Get(VmcsGuest.Rip);
        Cpu.Virtual.Registers.Rcx = 0xDEAD_0000_0000;
        Cpu.Virtual.Registers.Rax = 0xFFFF_FFFF_0000_0007;
        VmExit exit = Cpu.RunUntil(VmxExitReason.Xsetbv, length: 3);
        Assert.Equal((VmExitKind.ExtendedControlRegister, 7UL, rip + 3), (exit.Kind, Cpu.Vmx.ExtendedControl, Vmcs.Get(VmcsGuest.Rip)));
    }

    [Theory]
    [InlineData(0UL, 6UL)]
    [InlineData(1UL, 7UL)]
    public void Xsetbv_BadValue_IsAGeneralProtectionFault(ulong register, ulong value)
    {
        ulong rip = Vmcs.Get(VmcsGuest.Rip);
        Cpu.Virtual.Registers.Rcx = register;
        Cpu.Virtual.Registers.Rax = value;
        Cpu.RunUntil(VmxExitReason.Xsetbv, length: 3);
        Assert.Equal((0x8000_0B0Du, rip, 1UL),
            (Vmcs.Get(VmcsControl.EntryInterruptionInformation), Vmcs.Get(VmcsGuest.Rip), Cpu.Vmx.ExtendedControl));
    }

    [Fact]
    public void Invd_Any_LosesNothing()
    {
        ulong rip = Vmcs.Get(VmcsGuest.Rip);
        Cpu.RunUntil(VmxExitReason.Invd, length: 2);
        Assert.Equal((1, rip + 2), (Cpu.Vmx.WriteBacks, Vmcs.Get(VmcsGuest.Rip)));
    }

    public void Dispose() => _machine.Dispose();

    private string Explain(VmExit exit) => Encoding.ASCII.GetString(Vmx<FakePlatform>.Explain(ref Cpu.Virtual, exit));
}

using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;
using Switcher.Hv.Exits;
using Switcher.Hv.Paging;
using Switcher.Hv.Run;
using Switcher.Hv.State;
using Switcher.Hv.Switch;
using Switcher.Tests.Hv.Machine;
using Switcher.Tests.Hv.Switch;
using Xunit;

namespace Switcher.Tests.Hv.Exits;

public class HypercallTests
{
    private const ulong InvalidOpcode = 0x8000_0306;

    [Fact]
    public void Park_Loader_ReturnsOneAndGoesOn()
    {
        using FakeMachine machine = new FakeMachine().Launch();
        FakeCpu cpu = machine.Cpus[0];
        ulong rip = cpu.Vmcb.Rip;
        cpu.Hypercall(Hypercall.Park, 1, MemoryLayout.Partition(1) + MemoryLayout.ParkContext);
        Assert.Equal((1UL, rip + 3), (cpu.Vmcb.Rax, cpu.Vmcb.Rip));
        Assert.Equal((DomainPhase.Loading, DomainPhase.Parked), (machine.Guest(0).Phase, machine.Guest(1).Phase));
        Assert.Equal(Domain.Firmware, machine.Hypervisor.ActiveDomain);
    }

    /// <summary>It continues behind the call, with zero and with structures of its own in place of the firmware's.</summary>
    [Fact]
    public void Park_Loader_ReturnsAgainWhenItIsFirstSwitchedTo()
    {
        using FakeMachine machine = new FakeMachine().Launch();
        FakeCpu cpu = machine.Cpus[0];
        ulong partition = MemoryLayout.Partition(1);
        cpu.Vmcb.Rip = partition + MemoryLayout.Code;
        cpu.Vmcb.Rflags |= Rflags.Interrupt;
        cpu.Virtual.Registers.R12 = 0x1212;
        cpu.Virtual.Fpu.Mxcsr = 0x1FA0;
        cpu.Hypercall(Hypercall.Park, 1, partition + MemoryLayout.ParkContext);
        cpu.Virtual.Registers.R12 = 0;
        cpu.Virtual.Fpu.Mxcsr = 0x1F80;
        machine.Park(0);
        machine.BeginRunPhase();
        machine.ShutDown();

        Assert.Equal(1, machine.ActiveGuest);
        Assert.Equal((0UL, partition + MemoryLayout.Code + 3, 0x1212UL, 0x1FA0u),
            (cpu.Vmcb.Rax, cpu.Vmcb.Rip, cpu.Virtual.Registers.R12, cpu.Virtual.Fpu.Mxcsr));
        Assert.Equal((partition + MemoryLayout.PageTables, 0UL), (cpu.Vmcb.Cr3, cpu.Vmcb.Rflags & Rflags.Interrupt));
        Assert.Equal((partition + MemoryLayout.GlobalDescriptors, 0x7Fu), (cpu.Vmcb.Gdtr.Base, cpu.Vmcb.Gdtr.Limit));
        Assert.Equal((partition + MemoryLayout.InterruptDescriptors, 0x1FFu), (cpu.Vmcb.Idtr.Base, cpu.Vmcb.Idtr.Limit));
    }

    /// <summary>What is in memory that the guest has copies of is there at the moment of parking, and nobody's later writes.</summary>
    [Fact]
    public void Park_PrivateRanges_AreCopiedThen()
    {
        using FakeMachine machine = new FakeMachine().Launch();
        var low = new HostPhysicalAddress(MemoryLayout.LowCopy + 0x1230);
        FakePlatform.At<uint>(low) = 0x1111_1111;
        machine.Park(1);
        FakePlatform.At<uint>(low) = 0x2222_2222;
        PrivateCopy copy = machine.Guest(1).Copies.At<FakePlatform>(0);
        Assert.Equal(0x1111_1111u, FakePlatform.At<uint>(copy.Backing + 0x1230));
    }

    /// <summary>A guest begins with what the firmware has in ACPI NVS, and the firmware's stays the firmware's.</summary>
    [Fact]
    public void BeginRunPhase_AcpiNvs_IsTheGuestsWhileItRuns()
    {
        const uint Firmware = 0x1111_1111;
        using FakeMachine machine = new FakeMachine().Launch();
        var nvs = new HostPhysicalAddress(MemoryLayout.Nvs + MemoryLayout.NvsBytes + 0x120);
        machine.Park(0);
        machine.Park(1);
        FakePlatform.At<uint>(nvs) = Firmware;
        machine.BeginRunPhase();
        Assert.Equal(Firmware, FakePlatform.At<uint>(nvs));
        FakePlatform.At<uint>(nvs) = 0;
        machine.ShutDown();
        Assert.Equal(Firmware, FakePlatform.At<uint>(nvs));
        FakePlatform.At<uint>(nvs) = 0;
        machine.Cpus[0].TripleFault();
        machine.Settle();
        Assert.True(machine.Hypervisor.IsLoading);
        Assert.Equal(Firmware, FakePlatform.At<uint>(nvs));
    }

    /// <summary>What the boot side has set up for the guest's services and for its sleep.</summary>
    [Fact]
    public void Park_Loader_NamesServicesAndFacs()
    {
        using FakeMachine machine = new FakeMachine().Launch();
        machine.Park(1);
        Assert.Equal((MemoryLayout.Partition(1) + MemoryLayout.Services, MemoryLayout.Partition(1) + MemoryLayout.Facs),
            (machine.Guest(1).Services.Value, machine.Guest(1).Facs.Value));
    }

    /// <summary>The first guest goes on behind its park too, and the firmware where it asked for the first request, some day.</summary>
    [Fact]
    public void NextRequest_First_EntersTheFirstGuest()
    {
        using FakeMachine machine = new FakeMachine().Launch();
        machine.Park(0);
        machine.Park(1);
        FakeCpu cpu = machine.Cpus[0];
        cpu.Vmcb.Rflags |= Rflags.Interrupt;
        machine.BeginRunPhase();
        ulong partition = MemoryLayout.Partition(0);
        Assert.Equal((0UL, 0xB0B0_0000UL, partition + MemoryLayout.Code + 3, partition + MemoryLayout.PageTables),
            (cpu.Vmcb.Rax, cpu.Virtual.Registers.Rbx, cpu.Vmcb.Rip, cpu.Vmcb.Cr3));
        ref SavedCpu saved = ref machine.Domain(Domain.Firmware).Saved;
        Assert.Equal((MemoryLayout.Firmware + MemoryLayout.Code + 3, MemoryLayout.Firmware + MemoryLayout.PageTables, 0UL),
            (saved.State.Rip, saved.State.Cr3, saved.State.Rflags & Rflags.Interrupt));
        Assert.Equal(DomainPhase.Parked, machine.Domain(Domain.Firmware).Phase);
    }

    [Fact]
    public void NextRequest_FirstGuestNotLoaded_EntersAnother()
    {
        using FakeMachine machine = new FakeMachine(new MachineOptions { Guests = 3 }).Launch();
        machine.Park(1);
        machine.Park(2);
        machine.BeginRunPhase();
        Assert.Equal([DomainPhase.Off, DomainPhase.Active, DomainPhase.Parked], machine.GuestPhases);
    }

    [Fact]
    public void NextRequest_NoGuestLoaded_ResetsTheMachine()
    {
        using FakeMachine machine = new FakeMachine().Launch();
        machine.BeginRunPhase();
        Assert.Equal((MachineEnd.Reset, "STEP reset"), (machine.End, machine.Log[^1]));
    }

    [Fact]
    public void NextRequest_First_GivesTheGuestAllCpusUnderItsOwnPageTable()
    {
        using FakeMachine machine = new FakeMachine(new MachineOptions { Cpus = 3 }).Launch().BootGuests();
        Assert.Equal((0, DomainPhase.Active), (machine.ActiveGuest, machine.Guest(0).Phase));
        Assert.All(machine.Cpus, cpu => Assert.Equal(machine.Guest(0).NestedRoot.Value, cpu.Vmcb.NestedCr3));
        Assert.Equal([CpuActivity.Running, CpuActivity.WaitingForStartup, CpuActivity.WaitingForStartup],
            [machine.Cpus[0].Virtual.Activity, machine.Cpus[1].Virtual.Activity, machine.Cpus[2].Virtual.Activity]);
        Assert.Contains("STEP boot guest=0 name=\"guest 0\"", machine.Log);
    }

    [Fact]
    public void NextRequest_First_PortsAreInterceptedFromThenOn()
    {
        using FakeMachine machine = new FakeMachine().Launch();
        Assert.False(machine.Cpus[0].IsPortIntercepted(0x604, 2));
        machine.BootGuests();
        Assert.True(machine.Cpus[0].IsPortIntercepted(0x605, 1));
        Assert.False(machine.Cpus[0].IsPortIntercepted(0x600, 4));
    }

    /// <summary>Promise 5: from then on a guest finds no trace of a hypervisor.</summary>
    [Theory]
    [InlineData(Hypercall.Park)]
    [InlineData(Hypercall.NextRequest)]
    [InlineData(Hypercall.Leave)]
    [InlineData(Hypercall.CallFirmware)]
    [InlineData(Hypercall.Report)]
    [InlineData(Hypercall.CopyLog)]
    [InlineData(Hypercall.SetNext)]
    [InlineData(Hypercall.SetSleep)]
    public void AnyCall_FromAGuestsOwnCode_IsAnInvalidOpcode(ulong number)
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        FakeCpu cpu = machine.Cpus[0];
        ulong rip = cpu.Vmcb.Rip;
        cpu.Hypercall(number, 1, MemoryLayout.Partition(1) + MemoryLayout.ParkContext);
        Assert.Equal([InvalidOpcode], cpu.Injected);
        Assert.Equal((number, rip), (cpu.Vmcb.Rax, cpu.Vmcb.Rip));
    }

    [Theory]
    [InlineData(0x5357_0000, 0)]
    [InlineData(0x5357_0009, 0)]
    [InlineData(0x1_5357_0001, 0)]
    [InlineData(Hypercall.Park, 2)]
    [InlineData(Hypercall.Park, ulong.MaxValue)]
    [InlineData(Hypercall.Park, 0x1_0000_0000)]
    [InlineData(Hypercall.CallFirmware, 0)]
    [InlineData(Hypercall.SetNext, 2)]
    [InlineData(Hypercall.SetNext, 0x1_0000_0000)]
    [InlineData(Hypercall.SetSleep, 2)]
    [InlineData(Hypercall.SetSleep, ulong.MaxValue)]
    public void UnknownCallOrGuest_InTheBootPhase_IsAnInvalidOpcode(ulong number, ulong guest)
    {
        using FakeMachine machine = new FakeMachine().Launch();
        FakeCpu cpu = machine.Cpus[0];
        cpu.Hypercall(number, guest, MemoryLayout.Partition(1) + MemoryLayout.ParkContext);
        Assert.Equal([InvalidOpcode], cpu.Injected);
        Assert.Equal(Domain.Firmware, machine.Hypervisor.ActiveDomain);
    }

    [Fact]
    public void Leave_Cpu_GoesOnWithoutTheHypervisor()
    {
        using FakeMachine machine = new FakeMachine().Launch();
        machine.Cpus[1].Hypercall(Hypercall.Leave, 0, 0);
        Assert.Equal((CpuWait.Finished, CpuWait.InGuest), (machine.Cpus[1].Wait, machine.Cpus[0].Wait));
        Assert.Equal(0UL, machine.Cpus[1].Virtual.Registers.Rax);
    }

    /// <summary>SVM's own instructions: as on a CPU without SVM.</summary>
    [Theory]
    [InlineData(0x80)]
    [InlineData(0x7A)]
    [InlineData(0x86)]
    public void VirtualizationInstruction_InAGuest_IsAnInvalidOpcode(uint code)
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.Cpus[0].Exit((Switcher.Hv.Svm.SvmExitCode)code, 0, 0, [0x0F, 0x01, 0xD8]);
        Assert.Equal([InvalidOpcode], machine.Cpus[0].Injected);
    }
}

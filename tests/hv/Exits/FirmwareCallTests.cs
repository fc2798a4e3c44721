using System;
using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;
using Switcher.Hv.Exits;
using Switcher.Hv.State;
using Switcher.Hv.Svm;
using Switcher.Hv.Vmx.Definitions;
using Switcher.Tests.Hv.Machine;
using Switcher.Tests.Hv.Switch;
using Xunit;

namespace Switcher.Tests.Hv.Exits;

/// <summary>Runtime services: a guest's CPU executes the firmware, and the machine stays the guest's.</summary>
public class FirmwareCallTests
{
    private const ulong InvalidOpcode = 0x8000_0306;
    private const ulong DeviceError = 0x8000_0000_0000_0007;
    private const ulong Status = 0x8000_0000_0000_000E;

    public static TheoryData<string?> Vendors => [null, VmxModels.SkylakeX];

    private static ulong Services => MemoryLayout.Partition(0) + MemoryLayout.Services;

    [Theory]
    [MemberData(nameof(Vendors))]
    public void Call_FromServices_ExecutesTheFirmwareAndComesBack(string? vmxModel)
    {
        using FakeMachine machine = ServiceInterruptsTests.Running(vmxModel);
        foreach (FakeCpu cpu in machine.Cpus)
        {
            int writes = machine.Ports.Writes.Count;
            cpu.Virtual.Registers.R12 = 0x1212;
            cpu.Virtual.Fpu.Mxcsr = 0x1FA0;
            cpu.CallFirmware();
            Assert.Equal((FirmwareRequests.Service(0), MemoryLayout.Firmware + MemoryLayout.Code + 3), (cpu.Rax, cpu.Rip));
            Assert.Equal((MemoryLayout.Firmware + MemoryLayout.PageTables, 0UL), (cpu.State.Cr3, cpu.State.Rflags & Rflags.Interrupt));
            Assert.Equal((machine.Domain(Domain.Firmware).NestedRoot.Value, true), (cpu.NestedRoot, cpu.Virtual.IsInFirmware));
            Assert.Equal((0xB0B0_0001UL, 0UL, 0u),
                (cpu.Virtual.Registers.Rbx, cpu.Virtual.Registers.R12, cpu.Virtual.Fpu.Mxcsr));
            Assert.Equal((0, DomainPhase.Active, DomainPhase.Parked),
                (machine.ActiveGuest, machine.Guest(0).Phase, machine.Domain(Domain.Firmware).Phase));

            cpu.Virtual.Registers.R12 = 0;
            cpu.Answer(FirmwareAnswer.Done, Status);
            Assert.Equal((Status, Services + 3, 0x1212UL, 0x1FA0u),
                (cpu.Rax, cpu.Rip, cpu.Virtual.Registers.R12, cpu.Virtual.Fpu.Mxcsr));
            Assert.Equal((MemoryLayout.Partition(0) + MemoryLayout.PageTables, machine.Guest(0).NestedRoot.Value, false),
                (cpu.State.Cr3, cpu.NestedRoot, cpu.Virtual.IsInFirmware));
            Assert.Equal((0, writes), (machine.Hypervisor.ServiceLock, machine.Ports.Writes.Count));
        }
        Assert.All(machine.Cpus, cpu => Assert.Empty(cpu.Injected));
    }

    /// <summary>It goes on where it stopped, on whichever CPU, also if it had switched its interrupts on.</summary>
    [Theory]
    [MemberData(nameof(Vendors))]
    public void Call_Later_FindsTheFirmwareAsItWas(string? vmxModel)
    {
        using FakeMachine machine = ServiceInterruptsTests.Running(vmxModel);
        machine.Cpus[0].CallFirmware();
        machine.Cpus[0].Virtual.Registers.R13 = 0x1313;
        machine.Cpus[0].Virtual.Fpu.Mxcsr = 0x1FB0;
        SetInterruptFlag(machine.Cpus[0]);
        machine.Cpus[0].Answer(FirmwareAnswer.Done);
        machine.Cpus[1].CallFirmware();
        Assert.Equal((0x1313UL, 0x1FB0u, 0UL), (machine.Cpus[1].Virtual.Registers.R13, machine.Cpus[1].Virtual.Fpu.Mxcsr,
            machine.Cpus[1].State.Rflags & Rflags.Interrupt));
    }

    [Theory]
    [MemberData(nameof(Vendors))]
    public void Call_WhileAnotherCpuIsInOne_IsExecutedAgain(string? vmxModel)
    {
        using FakeMachine machine = ServiceInterruptsTests.Running(vmxModel);
        machine.Cpus[0].CallFirmware();
        for (int i = 0; i < 3; i++)
        {
            machine.Cpus[1].CallFirmware();
            Assert.Equal((Hypercall.CallFirmware, Services, machine.Guest(0).NestedRoot.Value),
                (machine.Cpus[1].Rax, machine.Cpus[1].Rip, machine.Cpus[1].NestedRoot));
        }
        machine.Cpus[0].Answer(FirmwareAnswer.Done);
        machine.Cpus[1].CallFirmware();
        Assert.Equal(FirmwareRequests.Service(0), machine.Cpus[1].Rax);
        Assert.All(machine.Cpus, cpu => Assert.Empty(cpu.Injected));
    }

    /// <summary>The CPU does not say where the next instruction is, so the hypervisor reads it in the firmware's memory.</summary>
    [Fact]
    public void Instruction_OfTheFirmware_IsDecodedInTheFirmwaresMemory()
    {
        using FakeMachine machine = ServiceInterruptsTests.Running(null);
        machine.Cpus[0].CallFirmware();
        ulong rip = machine.Cpus[0].Rip;
        machine.Cpus[0].Cpuid(0);
        machine.Cpus[0].WriteApic(ApicRegister.TaskPriority, 0x20);
        Assert.Equal((rip + 9, 0x20u), (machine.Cpus[0].Rip, machine.Cpus[0].Apic[ApicRegister.TaskPriority]));
        Assert.Empty(machine.Cpus[0].Injected);
    }

    [Theory]
    [MemberData(nameof(Vendors))]
    public void Call_FromUserMode_IsAnInvalidOpcode(string? vmxModel)
    {
        using FakeMachine machine = ServiceInterruptsTests.Running(vmxModel);
        FakeCpu cpu = machine.Cpus[0];
        SegmentRegister data = new(0x33, 0xC0F3, 0xFFFF_FFFF, 0);
        cpu.State = CpuStates.LongMode(MemoryLayout.Partition(0)) with { Cs = new(0x3B, 0xA0FB, 0xFFFF_FFFF, 0), Ss = data };
        machine.Settle();
        cpu.CallFirmware();
        AssertRefused(machine, cpu, Hypercall.CallFirmware, Services);
    }

    [Theory]
    [InlineData(MemoryLayout.Code)]
    [InlineData(MemoryLayout.Services - 3)]
    public void Call_FromAnotherPage_IsAnInvalidOpcode(ulong offset)
    {
        foreach (string? vmxModel in new[] { null, VmxModels.SkylakeX })
        {
            using FakeMachine machine = ServiceInterruptsTests.Running(vmxModel);
            FakeCpu cpu = machine.Cpus[0];
            cpu.Rip = MemoryLayout.Partition(0) + offset;
            cpu.Hypercall(Hypercall.CallFirmware, 0, 0);
            AssertRefused(machine, cpu, Hypercall.CallFirmware, MemoryLayout.Partition(0) + offset);
        }
    }

    /// <summary>Where the page is, the guest's page tables say: the system maps its services wherever it likes.</summary>
    [Theory]
    [InlineData(4, 0, 0x1_0000_0000, true)]
    [InlineData(0, 1, 0, false)]
    [InlineData(4, 1, 0x1_0000_0000, false)]
    public void Call_FromMappedPage_IsJudgedByThePhysicalAddress(ulong entry, ulong gibibyte, ulong offset, bool isGood)
    {
        using FakeMachine machine = new FakeMachine(new MachineOptions { HasNextRipSave = true }).Launch().BootGuests();
        FakeCpu cpu = machine.Cpus[0];
        ulong table = MemoryLayout.Partition(0) + MemoryLayout.PageTables + PageSize.Small;
        if (entry == 0)
        {
            // The tables themselves are found by physical address.
            FakePlatform.At<ulong>(new HostPhysicalAddress(table)) = (gibibyte * PageSize.Huge) | 0x83;
        }
        else
        {
            FakePlatform.At<ulong>(new HostPhysicalAddress(table + (8 * entry))) = (gibibyte * PageSize.Huge) | 0x83;
        }
        cpu.Rip = Services + offset;
        cpu.Rax = Hypercall.CallFirmware;
        cpu.SetExit(SvmExitCode.Vmmcall, 0, 0, 3);
        cpu.Exit();
        Assert.Equal(isGood, cpu.Virtual.IsInFirmware);
        Assert.Equal(isGood ? [] : [InvalidOpcode], cpu.Injected);
    }

    [Theory]
    [MemberData(nameof(Vendors))]
    public void Call_OfGuestWithoutServices_IsAnInvalidOpcode(string? vmxModel)
    {
        using FakeMachine machine = ServiceInterruptsTests.Running(vmxModel);
        machine.Guest(0).Services = default;
        machine.Cpus[0].CallFirmware();
        AssertRefused(machine, machine.Cpus[0], Hypercall.CallFirmware, Services);
    }

    /// <summary>Another guest's page is not the guest's own.</summary>
    [Fact]
    public void Call_OfAnotherGuest_IsForItsOwnPage()
    {
        using FakeMachine machine = ServiceInterruptsTests.Running(null);
        machine.Suspend();
        machine.Cpus[0].CallFirmware();
        Assert.Equal(FirmwareRequests.Service(1), machine.Cpus[0].Rax);
        machine.Cpus[0].Answer(FirmwareAnswer.Done, 5);
        Assert.Equal((5UL, MemoryLayout.Partition(1) + MemoryLayout.Services + 3), (machine.Cpus[0].Rax, machine.Cpus[0].Rip));
    }

    /// <summary>Neither from the page of its services nor while another of its CPUs is in one.</summary>
    [Theory]
    [InlineData(Hypercall.Park)]
    [InlineData(Hypercall.Leave)]
    [InlineData(Hypercall.NextRequest)]
    public void CallOfTheFirmware_FromAGuest_IsAnInvalidOpcode(ulong number)
    {
        foreach (string? vmxModel in new[] { null, VmxModels.SkylakeX })
        {
            using FakeMachine machine = ServiceInterruptsTests.Running(vmxModel);
            machine.Cpus[0].CallFirmware();
            machine.Cpus[1].Rip = Services;
            machine.Cpus[1].Hypercall(number, 0, MemoryLayout.Partition(0) + MemoryLayout.ParkContext);
            AssertRefused(machine, machine.Cpus[1], number, Services);
            Assert.True(machine.Cpus[0].Virtual.IsInFirmware);
        }
    }

    /// <summary>In a service the firmware loads nobody, lets no CPU go and calls nobody.</summary>
    [Theory]
    [InlineData(Hypercall.Park)]
    [InlineData(Hypercall.Leave)]
    [InlineData(Hypercall.CallFirmware)]
    public void OtherCall_OfTheFirmwareInAService_IsAnInvalidOpcode(ulong number)
    {
        foreach (string? vmxModel in new[] { null, VmxModels.SkylakeX })
        {
            using FakeMachine machine = ServiceInterruptsTests.Running(vmxModel);
            FakeCpu cpu = machine.Cpus[0];
            cpu.CallFirmware();
            ulong rip = cpu.Rip;
            cpu.Hypercall(number, 0, MemoryLayout.Partition(0) + MemoryLayout.ParkContext);
            Assert.Equal([InvalidOpcode], cpu.Injected);
            Assert.Equal((number, rip, true), (cpu.Rax, cpu.Rip, cpu.Virtual.IsInFirmware));
        }
    }

    [Theory]
    [MemberData(nameof(Vendors))]
    public void Answer_Reset_HasTheGuestLoadedAgain(string? vmxModel)
    {
        using FakeMachine machine = ServiceInterruptsTests.Running(vmxModel);
        machine.Cpus[1].CallFirmware();
        machine.Cpus[1].Answer(FirmwareAnswer.Reset);
        machine.Settle();
        Assert.Equal((true, FirmwareRequests.Load(0)), (machine.Hypervisor.IsLoading, machine.Cpus[0].Rax));
        Assert.Equal([DomainPhase.Loading, DomainPhase.Parked], machine.GuestPhases);
        machine.LoadAgain(0);
        Assert.Equal([DomainPhase.Active, DomainPhase.Parked], machine.GuestPhases);
        machine.Cpus[0].CallFirmware();
        Assert.Equal(FirmwareRequests.Service(0), machine.Cpus[0].Rax);
    }

    /// <summary>While another has a session only the guest begins anew; alone, it has asked for the machine.</summary>
    [Theory]
    [MemberData(nameof(Vendors))]
    public void Answer_ColdReset_IsTheMachinesIfAllOthersAreOff(string? vmxModel)
    {
        using FakeMachine machine = ServiceInterruptsTests.Running(vmxModel);
        machine.Cpus[1].CallFirmware();
        machine.Cpus[1].Answer(FirmwareAnswer.ColdReset);
        machine.Settle();
        Assert.Equal((true, MachineEnd.Running), (machine.Hypervisor.IsLoading, machine.End));
        machine.LoadAgain(0);
        machine.ShutDown();
        Assert.Equal([DomainPhase.Off, DomainPhase.Active], machine.GuestPhases);
        machine.Cpus[0].CallFirmware();
        machine.Cpus[0].Answer(FirmwareAnswer.ColdReset);
        Assert.Equal(MachineEnd.Reset, machine.End);
    }

    [Theory]
    [MemberData(nameof(Vendors))]
    public void Answer_Shutdown_WakesAnother(string? vmxModel)
    {
        using FakeMachine machine = ServiceInterruptsTests.Running(vmxModel);
        machine.Cpus[1].CallFirmware();
        machine.Cpus[1].Answer(FirmwareAnswer.Shutdown);
        machine.Settle();
        Assert.Equal([DomainPhase.Off, DomainPhase.Active], machine.GuestPhases);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Answer_ShutdownOfTheLast_SwitchesTheMachineOff(bool hasPm1b)
    {
        using FakeMachine machine = new FakeMachine(new MachineOptions { HasPm1b = hasPm1b }).Launch().BootGuests();
        machine.ShutDown();
        machine.Acpi.Control[0] = 0x01;
        machine.Cpus[0].CallFirmware();
        machine.Ports.Writes.Clear();
        machine.Cpus[0].Answer(FirmwareAnswer.Shutdown);
        Assert.Equal((MachineEnd.PoweredOff, "STEP off"), (machine.End, machine.Log[^1]));
        Assert.Equal(((ushort)GuestRunner.Pm1Control, 0x1C01u, 2), machine.Ports.Writes[0]);
        Assert.Contains(((ushort)GuestRunner.Pm1Control, 0x3C01u, 2), machine.Ports.Writes);
    }

    [Fact]
    public void Answer_ShutdownOfTheLastWithoutS5_ResetsTheMachine()
    {
        using FakeMachine machine = new FakeMachine();
        machine.Hypervisor.Power.S5 = default;
        machine.Launch().BootGuests();
        machine.Cpus[0].Crash(isInvalidState: false);
        machine.Settle();
        machine.Cpus[0].CallFirmware();
        machine.Cpus[0].Answer(FirmwareAnswer.Shutdown);
        Assert.Equal(MachineEnd.Reset, machine.End);
    }

    /// <summary>The CPU that switches waits for the end of the service.</summary>
    [Theory]
    [MemberData(nameof(Vendors))]
    public void Switch_DuringAService_WaitsForItsEnd(string? vmxModel)
    {
        foreach (FirmwareAnswer answer in Enum.GetValues<FirmwareAnswer>())
        {
            using FakeMachine machine = ServiceInterruptsTests.Running(vmxModel);
            machine.Cpus[0].CallFirmware();
            machine.SetVector(GuestRunner.VectorOf(0));
            machine.Cpus[1].Out(GuestRunner.Pm1Control, GuestRunner.SleepS3, 2);
            machine.Cpus[0].Resume();
            machine.Cpus[0].Cpuid(0);
            Assert.Equal((CpuWait.InGuest, CpuWait.Spinning, 0), (machine.Cpus[0].Wait, machine.Cpus[1].Wait, machine.ActiveGuest));
            Assert.True(machine.Cpus[0].Virtual.IsInFirmware);

            machine.Cpus[0].Answer(answer);
            machine.Settle();
            Assert.Equal([DomainPhase.Suspended, DomainPhase.Active], machine.GuestPhases);
            Assert.Equal((0, 0, false), (machine.Hypervisor.ServiceLock, machine.Cpus[0].Virtual.DeferredRequests,
                machine.Cpus[0].Virtual.IsInFirmware));
            machine.Cpus[0].CallFirmware();
            Assert.Equal(FirmwareRequests.Service(1), machine.Cpus[0].Rax);
        }
    }

    private static void AssertRefused(FakeMachine machine, FakeCpu cpu, ulong number, ulong rip)
    {
        Assert.Equal([InvalidOpcode], cpu.Injected);
        Assert.Equal((number, rip, false), (cpu.Rax, cpu.Rip, cpu.Virtual.IsInFirmware));
        Assert.Equal(machine.Guest(0).NestedRoot.Value, cpu.NestedRoot);
    }

    private static void SetInterruptFlag(FakeCpu cpu)
    {
        if (cpu.HasVmx)
            cpu.Vmx.Vmcs.Set(VmcsGuest.Rflags, Rflags.AlwaysOne | Rflags.Interrupt);
        else
            cpu.Vmcb.Rflags |= Rflags.Interrupt;
    }
}

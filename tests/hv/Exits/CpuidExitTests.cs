using Switcher.Hv.Cpu;
using Switcher.Tests.Hv.Machine;
using Switcher.Tests.Hv.Switch;
using Xunit;

namespace Switcher.Tests.Hv.Exits;

public class CpuidExitTests
{
    /// <summary>Virtualization is hidden, and no hypervisor is announced (leaf 1, ECX bit 31, comes from the CPU as it is).</summary>
    [Fact]
    public void Cpuid_Features_HideBothVendorsVirtualization()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        FakeCpu cpu = machine.Cpus[0];
        Assert.Equal(0u, cpu.Cpuid(1).Ecx & ((1 << 5) | (1 << 6)));
        Assert.Equal(0u, cpu.Cpuid(0x8000_0001).Ecx & ((1 << 2) | (1 << 12)));
        Assert.Equal(default, cpu.Cpuid(0x8000_000A));
        Assert.Equal(default, cpu.Cpuid(0x8000_001F));
    }

    [Fact]
    public void Cpuid_OtherLeaf_IsTheCpus()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.Cpuid[0x4, 2] = new CpuidResult { Eax = 0xFFFF_FFF1, Ebx = 2, Ecx = 3, Edx = 0x8000_0004 };
        FakeCpu cpu = machine.Cpus[0];
        cpu.Virtual.Registers.Rbx = ulong.MaxValue;
        ulong rip = cpu.Vmcb.Rip;

        Assert.Equal(machine.Cpuid[0x4, 2], cpu.Cpuid(4, 2));

        // 32-bit results clear the upper halves.
        Assert.Equal((0xFFFF_FFF1UL, 2UL, 0x8000_0004UL), (cpu.Vmcb.Rax, cpu.Virtual.Registers.Rbx, cpu.Virtual.Registers.Rdx));
        Assert.Equal(rip + 2, cpu.Vmcb.Rip);
    }

    /// <summary>Only the low halves of RAX and RCX select.</summary>
    [Fact]
    public void Cpuid_UpperHalfOfRax_DoesNotCount()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        FakeCpu cpu = machine.Cpus[0];
        cpu.Vmcb.Rax = 0x1234_5678_0000_0000;
        cpu.Virtual.Registers.Rcx = 0x1234_5678_0000_0000;
        cpu.Exit(Switcher.Hv.Svm.SvmExitCode.Cpuid, 0, 0, [0x0F, 0xA2]);
        Assert.Equal((ulong)machine.Cpuid[0].Eax, cpu.Vmcb.Rax);
    }

    /// <summary>
    /// APM vol. 3, CPUID Fn0000_0001_ECX[OSXSAVE] and Fn0000_0007_ECX_x0[OSPKE]: they mirror the guest's CR4, not the host's.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Cpuid_BitsThatMirrorCr4_FollowTheGuests(bool isOn)
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        CpuidResult structured = machine.Cpuid[7];
        CpuidResult features = machine.Cpuid[1];
        machine.Cpuid[1] = features with { Ecx = isOn ? features.Ecx & ~(1u << 27) : features.Ecx };
        machine.Cpuid[7] = structured with { Ecx = isOn ? structured.Ecx & ~(1u << 4) : structured.Ecx };
        FakeCpu cpu = machine.Cpus[0];
        cpu.Vmcb.Cr4 |= isOn ? Cr4.OsXsave | Cr4.ProtectionKeys : 0;
        Assert.Equal(isOn, (cpu.Cpuid(1).Ecx & (1 << 27)) != 0);
        Assert.Equal(isOn, (cpu.Cpuid(7).Ecx & (1 << 4)) != 0);
        Assert.Equal(machine.Cpuid[7].Ebx, cpu.Cpuid(7).Ebx);
    }

    [Fact]
    public void Cpuid_ProbeLeaf_IsInTheLogWithGuestAndCpu()
    {
        using FakeMachine machine = new FakeMachine().Launch().BootGuests();
        machine.Suspend();
        machine.Cpus[0].Cpuid(0x5357_5052, 0x1234);
        Assert.Equal("INFO probe guest=1 cpu=0 value=0x1234", machine.Log[^1]);
    }

    [Fact]
    public void Cpuid_ProbeLeafInTheBootPhase_NamesTheFirmware()
    {
        using FakeMachine machine = new FakeMachine().Launch();
        machine.Cpus[1].Cpuid(0x5357_5052, 7);
        Assert.Equal("INFO probe guest=firmware cpu=1 value=0x7", machine.Log[^1]);
    }

    /// <summary>With and without the CPU's word on where the next instruction is.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Cpuid_InRealMode_ContinuesBehindIt(bool hasNextRipSave)
    {
        using FakeMachine machine = new FakeMachine(new MachineOptions { HasNextRipSave = hasNextRipSave }).Launch().BootGuests();
        FakeCpu cpu = machine.Cpus[0];
        Switcher.Hv.Svm.VmcbState.Load(ref cpu.Vmcb, CpuState.AtWakingVector(0x9_1234));
        cpu.Cpuid(0);
        Assert.Equal(6UL, cpu.Vmcb.Rip);
    }
}

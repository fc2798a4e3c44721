using System.Linq;
using Switcher.Boot.Memory;
using Switcher.Hv.State;
using Switcher.Hv.Svm;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Exits;

/// <summary>Promise 3: the active guest can neither read nor write another guest's RAM or the hypervisor's.</summary>
public sealed class ForeignMemoryTests : System.IDisposable
{
    private const ulong PageTableWalk = 0x2_0000_0006;
    private const ulong Fetch = 0x1_0000_0015;
    private readonly FakeMachine _machine = new FakeMachine(new MachineOptions { Guests = 3 }).Launch().BootGuests();

    private FakeCpu Cpu => _machine.Cpus[0];

    [Fact]
    public void Write_ToAnotherGuest_IsDroppedAndLogged()
    {
        var victim = new HostPhysicalAddress(MemoryLayout.Partition(1) + MemoryLayout.Data);
        FakePlatform.At<uint>(victim) = 0x5AFE_5AFE;
        ulong rip = Cpu.Vmcb.Rip;
        Cpu.Write(victim.Value, 0xBAD);

        Assert.Equal(0x5AFE_5AFEu, FakePlatform.At<uint>(victim));
        Assert.Equal(rip + 7, Cpu.Vmcb.Rip);
        Assert.Equal("WARN foreign memory touched guest=0 cpu=0 address=0x30008000 access=write", _machine.Log[^1]);
        Assert.Equal(DomainPhase.Active, _machine.Guest(0).Phase);
    }

    [Fact]
    public void Read_OfForeignMemory_GivesAllOnes()
    {
        Assert.Equal(uint.MaxValue, Cpu.Read(MemoryLayout.Partition(1)));
        Assert.Equal(uint.MaxValue, Cpu.Read(MemoryLayout.Hypervisor + 0x5000));
    }

    [Fact]
    public void Write_ToTheHypervisor_IsDropped()
    {
        byte[] before = FakePlatform.Bytes(new HostPhysicalAddress(MemoryLayout.Hypervisor), 4096).ToArray();
        Cpu.Write(MemoryLayout.Hypervisor + 8, 0xBAD);
        Assert.Equal(before, FakePlatform.Bytes(new HostPhysicalAddress(MemoryLayout.Hypervisor), 4096).ToArray());
    }

    /// <summary>XCHG [disp32], EAX reads before it writes; what it reads is all ones.</summary>
    [Fact]
    public void Exchange_WithForeignMemory_GivesAllOnes()
    {
        Cpu.Vmcb.Rax = 0x1234;
        Cpu.Store(MemoryLayout.Partition(1), 0x1234, [0x87, 0x04, 0x25, 0, 0, 0, 0x30]);
        Assert.Equal(0xFFFF_FFFFUL, Cpu.Vmcb.Rax);
    }

    [Fact]
    public void Write_WithoutEnd_DoesNotFloodTheLog()
    {
        for (int i = 0; i < 100; i++)
            Cpu.Write(MemoryLayout.Partition(1), 0xBAD);
        Assert.Equal(32, _machine.Log.Count(line => line.StartsWith("WARN foreign memory touched")));
        Assert.Equal(100UL, _machine.Guest(0).ExitCounts.At<FakePlatform>((int)Switcher.Hv.State.ExitReason.Foreign));
    }

    /// <summary>No CPU could go on from there, so that guest is over, and nobody else is.</summary>
    [Theory]
    [InlineData(PageTableWalk, "page-table-walk")]
    [InlineData(Fetch, "execute")]
    public void PageTablesOrCode_InForeignMemory_EndThatGuestAlone(ulong information, string access)
    {
        Cpu.SetExit(SvmExitCode.NestedPageFault, information, MemoryLayout.Partition(1), 0);
        Cpu.Exit();
        _machine.Settle();

        Assert.Equal([DomainPhase.Off, DomainPhase.Active, DomainPhase.Parked], _machine.GuestPhases);
        Assert.Contains($"WARN foreign memory touched guest=0 cpu=0 address=0x30000000 access={access}", _machine.Log);
        Assert.Contains("INFO ended guest=0 name=\"guest 0\" reason=crash", _machine.Log);
        Assert.Equal(2, _machine.Log.Count(line => line.StartsWith("INFO state")));
    }

    /// <summary>Not even where the instruction is can be read.</summary>
    [Fact]
    public void Write_FromCodeThatCannotBeFetched_EndsThatGuest()
    {
        Cpu.Vmcb.Cr3 = MemoryLayout.Partition(1) + MemoryLayout.PageTables;
        Cpu.SetExit(SvmExitCode.NestedPageFault, 0x1_0000_0007, MemoryLayout.Partition(1), 0);
        Cpu.Exit();
        _machine.Settle();
        Assert.Equal((DomainPhase.Off, DomainPhase.Active), (_machine.Guest(0).Phase, _machine.Guest(1).Phase));
    }

    [Theory]
    [InlineData(0xFFFF_FFFF_FFFF_FFFF, "ERROR the CPU refused the guest's state guest=0 cpu=0")]
    [InlineData(0x8E, "ERROR unknown exit guest=0 cpu=0 code=0x8e")]
    public void ExitThatNothingHandles_EndsThatGuestWithItsState(ulong code, string line)
    {
        Cpu.SetExit((SvmExitCode)(uint)code, 0x77, 0, 0);
        Cpu.Vmcb.ExitCode = code;
        Cpu.Exit();
        _machine.Settle();
        Assert.Contains(_machine.Log, logged => logged.StartsWith(line));
        Assert.Contains("INFO ended guest=0 name=\"guest 0\" reason=crash", _machine.Log);
        Assert.Equal(1, _machine.ActiveGuest);
    }

    public void Dispose() => _machine.Dispose();
}

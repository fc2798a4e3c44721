using System;
using System.Runtime.InteropServices;
using Switcher.Efi.Cpu;
using Switcher.Efi.Uefi;
using Switcher.Hv.Exits;
using Switcher.Hv.Switch;
using Switcher.Stubs.Shared;
using Switcher.Tests.Loader.Firmware;
using Xunit;

namespace Switcher.Tests.Loader;

/// <summary>ExitBootServices (UEFI 2.10, 7.4.6), the end of a loader that does not fail.</summary>
public unsafe class ExitTests
{
    [Fact]
    public void ParkedGuest_IsStoppedWithoutTheFirmwaresExit()
    {
        var machine = new Machine();
        Assert.True(machine.Run(Machine.Parked, services => services.ExitBootServices()));
        ParkThunk thunk = Assert.Single(machine.ParkCalls);
        Assert.Equal(Hypercall.Park, thunk.Function);
        Assert.Equal((ulong)Machine.Parked, thunk.Guest);
        Assert.True(Machine.IsIn(Machine.Parked, thunk.Context));
        Assert.Equal(0, machine.Uefi.ExitCalls);
        Assert.Contains("STEP park guest=1 name=\"guest 1\"", DebugPort.Lines);
    }

    /// <summary>A loader that hangs is reset like any other that a boot manager starts; nobody is once the loader has ended.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Loader_HasFiveMinutes(bool parks)
    {
        var machine = new Machine();
        ulong during = 0;
        Assert.Equal(parks, machine.Run(Machine.Parked, services =>
        {
            during = machine.Uefi.WatchdogSeconds;
            return parks ? services.ExitBootServices() : EfiStatus.LoadError;
        }));
        Assert.Equal((300UL, 0UL), (during, machine.Uefi.WatchdogSeconds));
    }

    [Fact]
    public void ParkedGuest_HasTablesOfItsOwnWithoutBootServices()
    {
        var machine = new Machine();
        machine.Run(Machine.Parked, services => services.ExitBootServices());
        SystemTable* table = machine.Session->SystemTable;
        Assert.True(Machine.IsIn(Machine.Parked, (ulong)table));
        Assert.True(table->BootServices == null && table->ConIn == null && table->ConOut == null && table->StdErr == null);
        Assert.True(FakeFirmware.IsIntact(&table->Hdr));
        Assert.True(FakeFirmware.IsIntact(&table->RuntimeServices->Hdr));
        Assert.True(Machine.IsIn(Machine.Parked, (ulong)table->RuntimeServices->GetTime));
        Assert.True(Machine.IsIn(Machine.Parked, (ulong)table->RuntimeServices->QueryVariableInfo));
        for (nuint i = 0; i < table->NumberOfTableEntries; i++)
        {
            Assert.True(Machine.IsIn(Machine.Parked, (ulong)table->ConfigurationTable[i].VendorTable));
        }
    }

    [Fact]
    public void ParkedGuest_StoppedInAnImageOfItsLoaders_GoesBackToTheNextStep()
    {
        var machine = new Machine();
        string before = machine.Uefi.State;
        Assert.True(machine.Run(Machine.Parked, services =>
        {
            services.Load(Machine.Image(kernel => kernel.ExitBootServices()), out Handle image);
            services.Start(image);
            return EfiStatus.Aborted;
        }));
        Assert.Equal(before, machine.Uefi.State);
        Assert.True(machine.Run(Machine.ParkedToo, services => services.ExitBootServices()));
        Assert.Equal(2, machine.ParkCalls.Count);
    }

    /// <summary>The first guest is one like all others: the firmware is needed later.</summary>
    [Fact]
    public void AllGuests_Park_AndTheFirmwareNeverExits()
    {
        var machine = new Machine();
        string before = machine.Uefi.State;
        for (int guest = Machine.ParkedToo; guest >= Machine.First; guest--)
            Assert.True(machine.Run(guest, services => services.ExitBootServices()));
        Assert.Equal(3, machine.ParkCalls.Count);
        Assert.Equal(0, machine.Uefi.ExitCalls);
        Assert.Equal(before, machine.Uefi.State);
    }

    /// <summary>A guest that restarts is loaded into the partition that it had, with whatever loader is on the disk by then.</summary>
    [Fact]
    public void Guest_LoadedAgain_ParksAgain()
    {
        var machine = new Machine();
        string before = machine.Uefi.State;
        for (int i = 0; i < 5; i++)
        {
            var context = (ParkContext*)null;
            Assert.True(machine.Run(Machine.Parked, services => services.ExitBootServices()));
            context = (ParkContext*)machine.ParkCalls[i].Context;
            Assert.Equal((ulong)machine.Guest(Machine.Parked)->Runtime.Shim, context->Services);
            Assert.Equal(machine.Guest(Machine.Parked)->Facs, context->Facs);
            machine.Empty(Machine.Parked);
        }

        Assert.Equal(before, machine.Uefi.State);
    }

    /// <summary>After a loader failed nothing is the hypervisor's business: the next one starts as if it had not been.</summary>
    [Fact]
    public void Guest_AfterOneThatFailed_Parks()
    {
        var machine = new Machine();
        Assert.False(machine.Run(Machine.ParkedToo, _ => EfiStatus.LoadError));
        Assert.True(machine.Run(Machine.Parked, services => services.ExitBootServices()));
    }

    private static string Reason(Machine machine) => System.Text.Encoding.ASCII.GetString(machine.Boot->Refusal.Reason);
}

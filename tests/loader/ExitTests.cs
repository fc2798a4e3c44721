using System;
using System.Runtime.InteropServices;
using Switcher.Efi.Cpu;
using Switcher.Efi.Uefi;
using Switcher.Hv.Exits;
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
            Assert.NotEqual(ConfigurationTable.MemoryAttributes, table->ConfigurationTable[i].VendorGuid);
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

    [Fact]
    public void LastGuest_GoesThroughTheFirmwareAndBeginsTheRunPhase()
    {
        Instructions.AreInterruptsOff = false;
        var machine = new Machine();
        machine.Run(Machine.Last, services => services.ExitBootServices());
        Assert.True(machine.Uefi.HasExited);
        Assert.Equal((Hypercall.BeginRunPhase, (ulong)Machine.Last), Assert.Single(HostStubs.Hypercalls));
        Assert.True(Instructions.AreInterruptsOff);
    }

    [Fact]
    public void LastGuest_WhoseFirmwareChangedItsMap_IsToldAndMayTryAgain()
    {
        var machine = new Machine();
        EfiStatus first = default;
        machine.Run(Machine.Last, services =>
        {
            services.GetMemoryMap(out nuint key);
            ulong address = 0;
            machine.Uefi.Pages.Allocate(AllocateType.AnyPages, MemoryType.BootServicesData, 1, ref address);
            first = services.ExitBootServices(key);
            return services.ExitBootServices();
        });
        Assert.Equal(EfiStatus.InvalidParameter, first);
        Assert.True(machine.Uefi.HasExited);
        Assert.Equal(2, machine.Uefi.ExitCalls);
    }

    [Fact]
    public void LastGuest_WhoseLoaderFails_LeavesTheFirmwareItsTables()
    {
        var machine = new Machine();
        string before = machine.Uefi.State;
        Assert.False(machine.Run(Machine.Last, services =>
        {
            services.InstallTable(ConfigurationTable.MemoryAttributes, 0);
            services.InstallTable(ConfigurationTable.Acpi20, 0x5000);
            return EfiStatus.Aborted;
        }));
        Assert.Equal(before, machine.Uefi.State);
        Assert.Equal("the loader of guest 0 returned status 0x8000000000000015", Reason(machine));
    }

    [Fact]
    public void LastGuest_SeesItsOwnRsdpAndTheFirmwaresOtherTables()
    {
        var machine = new Machine();
        ulong rsdp = 0;
        machine.Run(Machine.Last, services =>
        {
            Assert.True(services.Table == machine.Uefi.Table);
            rsdp = (ulong)machine.Boot->ConfigurationTable(ConfigurationTable.Acpi20);
            return EfiStatus.Aborted;
        });
        Assert.Equal(machine.Guest(Machine.Last)->Rsdp, rsdp);
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

using System;
using System.Runtime.InteropServices;
using Switcher.Efi.Firmware;
using Switcher.Efi.Guests;
using Switcher.Efi.Services;
using Switcher.Efi.Uefi;
using Switcher.Stubs.Shared;
using Switcher.Tests.Loader.Firmware;
using Xunit;
using static Switcher.Tests.Loader.Runtime.ServiceGuest;

namespace Switcher.Tests.Loader.Runtime;

/// <summary>What a guest has of UEFI in its runtime memory.</summary>
public sealed unsafe class RuntimeTablesTests
{
    [Fact]
    public void Tables_WhileBootServicesLast_HaveTheFirmwaresServices()
    {
        var guest = new ServiceGuest(runs: false);
        Span<byte> own = new(guest.Runtime->Services, sizeof(RuntimeServices));
        Span<byte> firmwares = new(guest.Uefi.Table->RuntimeServices, sizeof(RuntimeServices));
        Assert.True(own.SequenceEqual(firmwares));
        Assert.True(FakeFirmware.IsIntact(&guest.Runtime->Services->Hdr));
        SystemTable* table = guest.Runtime->SystemTable;
        Assert.True(FakeFirmware.IsIntact(&table->Hdr));
        Assert.Equal((ulong)guest.Runtime->Services, (ulong)table->RuntimeServices);
        Assert.Equal((ulong)guest.Uefi.Table->ConOut, (ulong)table->ConOut);
        Assert.Equal((ulong)guest.Runtime->Tables, (ulong)table->ConfigurationTable);
        Assert.Equal(0UL, table->NumberOfTableEntries);
        Assert.Equal((ulong)guest.Mailbox, guest.Runtime->Shim->Mailbox);
        string vendor = new(table->FirmwareVendor);
        Assert.Equal(new string('v', vendor.Length), vendor);
        Assert.InRange(vendor.Length, 200, 500);
        Assert.True(IsAroundIntact);
    }

    [Fact]
    public void Tables_InTheRunPhase_LeadToTheShim()
    {
        var guest = new ServiceGuest();
        var functions = (ulong*)(&guest.Runtime->Services->Hdr + 1);
        for (int i = 0; i < ServiceShim.Services; i++)
            Assert.Equal(Shim + (ulong)ServiceShim.EntryOf((RuntimeService)i), functions[i]);
        SystemTable* table = guest.Runtime->SystemTable;
        Assert.True(FakeFirmware.IsIntact(&guest.Runtime->Services->Hdr));
        Assert.True(FakeFirmware.IsIntact(&table->Hdr));
        Assert.True(table->BootServices == null && table->ConIn == null && table->ConOut == null && table->StdErr == null);
        Assert.True(table->ConsoleInHandle.IsNull && table->ConsoleOutHandle.IsNull && table->StandardErrorHandle.IsNull);
        Assert.True(IsAroundIntact);
    }

    /// <summary>The table's pointers in the order of <see cref="RuntimeService"/>.</summary>
    [Fact]
    public void RuntimeServices_OfTheTable_AreInTheShimsOrder()
    {
        RuntimeServices* table = new ServiceGuest().Runtime->Services;
        (RuntimeService Service, ulong Function)[] some =
        [
            (RuntimeService.GetTime, (ulong)table->GetTime), (RuntimeService.ConvertPointer, (ulong)table->ConvertPointer),
            (RuntimeService.GetNextVariableName, (ulong)table->GetNextVariableName),
            (RuntimeService.ResetSystem, (ulong)table->ResetSystem), (RuntimeService.QueryVariableInfo, (ulong)table->QueryVariableInfo),
        ];
        foreach ((RuntimeService service, ulong function) in some)
            Assert.Equal(Shim + (ulong)ServiceShim.EntryOf(service), function);
    }

    [Theory]
    [InlineData(0x0002_0050u, 0x0002_0050u)]
    [InlineData(RuntimeServices.TableRevision, RuntimeServices.TableRevision)]
    [InlineData(0x0003_0000u, RuntimeServices.TableRevision)]
    public void Revision_OfAnyFirmware_IsAtMostTheTables(uint firmwares, uint expected)
    {
        var guest = new ServiceGuest(runs: false, firmwares);
        Assert.Equal(expected, guest.Runtime->Services->Hdr.Revision);
        guest.BeginRunPhase();
        Assert.Equal(expected, guest.Runtime->Services->Hdr.Revision);
    }

    [Fact]
    public void Properties_OfAGuest_LackOnlyCapsules()
    {
        RuntimePropertiesTable* properties = new ServiceGuest().Runtime->Properties;
        Assert.Equal((1, 8, 0x27FFu), (properties->Version, properties->Length, (uint)properties->RuntimeServicesSupported));
    }

    [Fact]
    public void MemoryAttributes_OfAGuest_AreThoseOfItsTwoRegions()
    {
        MemoryAttributesTable* table = new ServiceGuest().Runtime->Attributes;
        Assert.Equal((1u, 2u, 40u, 0u), (table->Version, table->NumberOfEntries, table->DescriptorSize, table->Flags));
        var entries = (MemoryDescriptor*)(table + 1);
        Assert.Equal((MemoryType.RuntimeServicesData, Data, (ulong)RuntimeTables.DataLength / 4096, 0x8000_0000_0000_4000),
            (entries[0].Type, entries[0].PhysicalStart, entries[0].NumberOfPages, (ulong)entries[0].Attribute));
        Assert.Equal((MemoryType.RuntimeServicesCode, Shim, 1UL, 0x8000_0000_0002_0000),
            (entries[1].Type, entries[1].PhysicalStart, entries[1].NumberOfPages, (ulong)entries[1].Attribute));
    }

    [Fact]
    public void Create_InTooLittleMemory_DoesNothing()
    {
        var guest = new ServiceGuest();
        byte[] before = Memory.ToArray();
        GuestRuntime runtime;
        UefiFirmware firmware = default;
        Assert.False(RuntimeTables.Create(&runtime, &firmware, (byte*)Data, RuntimeTables.DataLength - 4096, guest.Runtime->Shim));
        Assert.True(Memory.SequenceEqual(before));
    }

    /// <summary>The parts of the tables' page do not overlap, and the layouts are UEFI's.</summary>
    [Fact]
    public void Layout_OfTheRuntimeMemory_HasRoomForAll()
    {
        GuestRuntime* runtime = new ServiceGuest().Runtime;
        (ulong Start, int Length)[] parts =
        [
            ((ulong)runtime->Mailbox, ServiceMailbox.Length), ((ulong)runtime->SystemTable, sizeof(SystemTable)),
            ((ulong)runtime->Services, sizeof(RuntimeServices)), ((ulong)runtime->Properties, sizeof(RuntimePropertiesTable)),
            ((ulong)runtime->Attributes, sizeof(MemoryAttributesTable) + (2 * sizeof(MemoryDescriptor))),
            ((ulong)runtime->Vendor, 400), ((ulong)runtime->Tables, RuntimeTables.TableCapacity * sizeof(ConfigurationTable)),
        ];
        ulong end = Data;
        foreach ((ulong start, int length) in parts)
        {
            Assert.True(start >= end && start % 8 == 0);
            end = start + (ulong)length;
        }

        Assert.InRange(end, Data, Data + RuntimeTables.DataLength);
        Assert.InRange(RuntimeTables.TableCapacity, 100, 200);
        Assert.Equal((8, 16, 136, 120), (Marshal.SizeOf<RuntimePropertiesTable>(), Marshal.SizeOf<MemoryAttributesTable>(),
            sizeof(RuntimeServices), sizeof(SystemTable)));
        Assert.Equal(4, Marshal.OffsetOf<RuntimePropertiesTable>(nameof(RuntimePropertiesTable.RuntimeServicesSupported)));
        Assert.Equal(2, Marshal.OffsetOf<RuntimePropertiesTable>(nameof(RuntimePropertiesTable.Length)));
        Assert.Equal(4, Marshal.OffsetOf<MemoryAttributesTable>(nameof(MemoryAttributesTable.NumberOfEntries)));
        Assert.Equal(8, Marshal.OffsetOf<MemoryAttributesTable>(nameof(MemoryAttributesTable.DescriptorSize)));
        Assert.Equal(12, Marshal.OffsetOf<MemoryAttributesTable>(nameof(MemoryAttributesTable.Flags)));
    }
}

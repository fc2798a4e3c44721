using System;
using CsCheck;
using Switcher.Efi.Services;
using Switcher.Efi.Uefi;
using Switcher.Stubs.Shared;
using Switcher.Tests.Loader.Firmware;
using Xunit;
using static Switcher.Tests.Loader.Runtime.ServiceGuest;

namespace Switcher.Tests.Loader.Runtime;

/// <summary>UEFI 2.10, 8.4 "Virtual Memory Services".</summary>
public sealed unsafe class VirtualAddressTests
{
    private const ulong DataPages = RuntimeTables.DataLength / MemoryDescriptor.PageSize;
    private const ulong Kernel = 0xFFFF_FFFE_FFE0_0000;
    private const ulong KernelCode = 0xFFFF_FFFE_FFC0_0000;

    private static MemoryDescriptor DataEntry => Entry(Data, DataPages, Kernel);

    private static MemoryDescriptor CodeEntry => Entry(Shim, 1, KernelCode);

    [Fact]
    public void SetVirtualAddressMap_OfTheWholeRuntimeMemory_MovesEveryPointer()
    {
        var guest = new ServiceGuest();
        guest.Runtime->Tables[0].VendorTable = (void*)Data;
        guest.Runtime->SystemTable->NumberOfTableEntries = 1;

        // Somebody's device and memory that nobody calls are in such maps too.
        Assert.Equal(EfiStatus.Success, guest.SetVirtualAddressMap(
            Entry(0xFEE0_0000, 1, 0xFFFF_8000_0000_0000), Entry(Data, DataPages, 0, 0), DataEntry, Entry(7, 0, 9), CodeEntry));
        CheckMoved(guest, Kernel, KernelCode);
        Assert.Equal((ulong)Data, (ulong)guest.Runtime->Tables[0].VendorTable);
        Assert.Empty(guest.Uefi.ForbiddenCalls);
        Assert.Equal(EfiStatus.Unsupported, guest.SetVirtualAddressMap(DataEntry, CodeEntry));
    }

    [Fact]
    public void SetVirtualAddressMap_InPieces_MovesWhatStaysTogether()
    {
        var guest = new ServiceGuest();
        Assert.Equal(EfiStatus.Success, guest.SetVirtualAddressMap(
            CodeEntry, Entry(Data + (3 * 4096), DataPages - 3, Kernel + (3 * 4096)), Entry(Data, 3, Kernel)));
        CheckMoved(guest, Kernel, KernelCode);
    }

    [Fact]
    public void SetVirtualAddressMap_WithLongDescriptors_FollowsTheStride()
    {
        var guest = new ServiceGuest();
        byte[] map = new byte[2 * 48];
        fixed (byte* bytes = map)
        {
            *(MemoryDescriptor*)bytes = DataEntry;
            *(MemoryDescriptor*)(bytes + 48) = CodeEntry;
        }

        // Version and size are 32 and 64 bits.
        Assert.Equal(EfiStatus.Success, guest.Call(RuntimeService.SetVirtualAddressMap, [96, 48, 0xAB_0000_0001, Pointer], null, map));
        CheckMoved(guest, Kernel, KernelCode);
    }

    [Fact]
    public void SetVirtualAddressMap_OfTablesThatTheGuestSpoilt_TrustsNoneOfThem()
    {
        var guest = new ServiceGuest();
        guest.Runtime->SystemTable->Hdr.HeaderSize = uint.MaxValue;
        guest.Runtime->SystemTable->RuntimeServices = (RuntimeServices*)1;
        guest.Runtime->Services->Hdr.HeaderSize = uint.MaxValue;
        Assert.Equal(EfiStatus.Success, guest.SetVirtualAddressMap(DataEntry, CodeEntry));
        CheckMoved(guest, Kernel, KernelCode);
    }

    [Theory]
    [InlineData(80UL, 40UL, 2u)]
    [InlineData(80UL, 40UL, 0u)]
    [InlineData(78UL, 39UL, 1u)]
    [InlineData(80UL, 0UL, 1u)]
    [InlineData(0UL, 40UL, 1u)]
    [InlineData(79UL, 40UL, 1u)]
    [InlineData(40UL, 80UL, 1u)]
    [InlineData(120UL, 40UL, 1u)]
    [InlineData(40UL, ulong.MaxValue, 1u)]
    public void SetVirtualAddressMap_WithBadSizes_IsInvalid(ulong size, ulong stride, uint version)
    {
        byte[] map = new byte[80];
        fixed (byte* bytes = map)
        {
            ((MemoryDescriptor*)bytes)[0] = DataEntry;
            ((MemoryDescriptor*)bytes)[1] = CodeEntry;
        }

        Refuse(EfiStatus.InvalidParameter, guest => guest.SetVirtualAddressMap(size, stride, version, map));
    }

    [Fact]
    public void SetVirtualAddressMap_LargerThanTheMailbox_IsOutOfResources() => Refuse(
        EfiStatus.OutOfResources, guest => guest.SetVirtualAddressMap(40UL << 20, 40, 1, new byte[ServiceMailbox.DataCapacity]));

    [Fact]
    public void SetVirtualAddressMap_WithoutAMap_IsInvalid() => Refuse(
        EfiStatus.InvalidParameter, guest => guest.Call(RuntimeService.SetVirtualAddressMap, [80, 40, 1, 0]));

    [Fact]
    public void SetVirtualAddressMap_WithAHole_HasNoMapping()
    {
        MemoryDescriptor[][] maps =
        [
            [DataEntry],
            [CodeEntry],
            [Entry(Data, DataPages - 1, Kernel), CodeEntry],
            [Entry(Data + 4096, DataPages - 1, Kernel + 4096), CodeEntry],
            [Entry(Data, 2, Kernel), Entry(Data + (3 * 4096), DataPages - 3, Kernel + (3 * 4096)), CodeEntry],
            [DataEntry, Entry(Shim, 1, KernelCode, 0)],
            [DataEntry, Entry(Shim, 0, KernelCode)],
        ];
        foreach (MemoryDescriptor[] map in maps)
            Refuse(EfiStatus.NoMapping, guest => guest.SetVirtualAddressMap(map));
    }

    [Fact]
    public void SetVirtualAddressMap_ThatIsHostile_IsInvalid()
    {
        MemoryDescriptor[][] maps =
        [
            // Two places for one page; two pieces that part.
            [DataEntry, Entry(Data + 4096, 1, Kernel), CodeEntry],
            [Entry(Data, 2, Kernel), Entry(Data + (2 * 4096), DataPages - 2, 0x1000), CodeEntry],

            // One place for both.
            [DataEntry, Entry(Shim, 1, Kernel)],
            [DataEntry, Entry(Shim, 1, Kernel + ((DataPages - 1) * 4096))],

            // Beyond the end of the address space.
            [Entry(Data, DataPages, ulong.MaxValue - 4095), CodeEntry],
            [Entry(Data, 1UL << 52, Kernel), CodeEntry],
            [Entry(Data, ulong.MaxValue, Kernel), CodeEntry],
            [Entry(0x1000, 0xF_FFFF_FFFF_FFFF, 0x1000), DataEntry, CodeEntry],

            // Not on a page.
            [Entry(Data, DataPages, Kernel + 8), CodeEntry],
            [Entry(Data - 8, DataPages + 1, Kernel), CodeEntry],
        ];
        foreach (MemoryDescriptor[] map in maps)
            Refuse(EfiStatus.InvalidParameter, guest => guest.SetVirtualAddressMap(map));
    }

    /// <summary>Any map moves everything to where it says, or nothing.</summary>
    [Fact]
    public void SetVirtualAddressMap_OfAnyMap_MovesAllOrNothing()
    {
        Gen<ulong> physical = Gen.OneOf<ulong>(Data, Shim, Data + 4096, 0, 0x1000, Base, ulong.MaxValue - 4095, Shim - 4096, Data + 1);
        Gen<ulong> pages = Gen.OneOf<ulong>(0, 1, DataPages, DataPages - 1, 64UL, 1UL << 52, ulong.MaxValue);
        Gen<ulong> place = Gen.OneOf<ulong>(0, Kernel, KernelCode, Kernel + 4096, ulong.MaxValue - 4095, Data, 5UL);
        Gen<MemoryDescriptor> entry =
            Gen.Select(physical, pages, place, Gen.Int[0, 3]).Select((at, count, to, kind) =>
                Entry(at, count, to, kind == 0 ? 0 : MemoryAttributes.Runtime));
        var guest = new ServiceGuest();
        byte[] fresh = Memory.ToArray();
        entry.Array[0, 5].Sample(map =>
        {
            fresh.CopyTo(Memory);
            guest.Runtime->IsVirtual = false;
            EfiStatus status = guest.SetVirtualAddressMap(map);
            Assert.True(IsAroundIntact);
            if (status.IsError)
                CheckUnmoved(guest, fresh);
            else
                CheckMoved(guest, guest.Runtime->Shim->Mailbox, (ulong)Services(guest)->GetTime - (ulong)ServiceShim.FirstEntry);
        }, iter: 5000, threads: 1);
    }

    /// <summary>As EDK II answers outside of SetVirtualAddressMap().</summary>
    [Fact]
    public void ConvertPointer_AtAnyTime_HasNoMapToLookInto()
    {
        var guest = new ServiceGuest();
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(EfiStatus.InvalidParameter, guest.Call(RuntimeService.ConvertPointer, [0, 0]));
            Assert.Equal(EfiStatus.InvalidParameter, guest.Call(RuntimeService.ConvertPointer, [0, Pointer]));
            Assert.Equal(EfiStatus.Success, guest.Call(RuntimeService.ConvertPointer, [1, Pointer]));
            Assert.Equal(EfiStatus.NotFound,
                guest.Call(RuntimeService.ConvertPointer, [1, Pointer], null, null, (1, BitConverter.GetBytes(Data))));
            Assert.Equal(0UL, guest.Mailbox->Results);
            guest.SetVirtualAddressMap(DataEntry, CodeEntry);
        }

        Assert.Empty(guest.Uefi.ForbiddenCalls);
    }

    private static MemoryDescriptor Entry(
        ulong start, ulong pages, ulong moved, MemoryAttributes attribute = MemoryAttributes.Runtime) => new()
        {
            Type = MemoryType.RuntimeServicesData,
            PhysicalStart = start,
            VirtualStart = moved,
            NumberOfPages = pages,
            Attribute = attribute,
        };

    private static RuntimeServices* Services(ServiceGuest guest) => guest.Runtime->Services;

    private static void CheckMoved(ServiceGuest guest, ulong data, ulong code)
    {
        Assert.True(guest.Runtime->IsVirtual);
        Assert.Equal(data, guest.Runtime->Shim->Mailbox);
        SystemTable* system = guest.Runtime->SystemTable;
        Assert.Equal(data + ((ulong)guest.Runtime->Services - Data), (ulong)system->RuntimeServices);
        Assert.Equal(data + ((ulong)guest.Runtime->Vendor - Data), (ulong)system->FirmwareVendor);
        Assert.Equal(data + ((ulong)guest.Runtime->Tables - Data), (ulong)system->ConfigurationTable);
        for (int i = 0; i < ServiceShim.Services; i++)
            Assert.Equal(code + (ulong)ServiceShim.EntryOf((RuntimeService)i), ((ulong*)(&Services(guest)->Hdr + 1))[i]);
        Assert.Equal((uint)sizeof(SystemTable), system->Hdr.HeaderSize);
        Assert.Equal((uint)sizeof(RuntimeServices), Services(guest)->Hdr.HeaderSize);
        Assert.True(FakeFirmware.IsIntact(&system->Hdr));
        Assert.True(FakeFirmware.IsIntact(&Services(guest)->Hdr));
    }

    private static void CheckUnmoved(ServiceGuest guest, byte[] before)
    {
        const int Tables = (int)(Data - Base) + ServiceMailbox.Length;
        Assert.False(guest.Runtime->IsVirtual);
        Assert.True(Memory[Tables..].SequenceEqual(before.AsSpan(Tables)));
    }

    private static void Refuse(EfiStatus expected, Func<ServiceGuest, EfiStatus> call)
    {
        var guest = new ServiceGuest();
        byte[] before = Memory.ToArray();
        Assert.Equal(expected, call(guest));
        CheckUnmoved(guest, before);
        Assert.True(IsAroundIntact);

        // A later, better map is taken.
        Assert.Equal(EfiStatus.Success, guest.SetVirtualAddressMap(DataEntry, CodeEntry));
    }
}

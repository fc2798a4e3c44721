using System.Linq;
using Switcher.Efi.Uefi;
using Switcher.Tests.Loader.Firmware;
using Xunit;

namespace Switcher.Tests.Loader;

/// <summary>The memory services of a loader (UEFI 2.10, 7.2 "Memory Allocation Services").</summary>
public unsafe class MemoryTests
{
    private const ulong FirmwareMemory = PhysicalMemory.HeapStart + (1UL << 20);

    [Theory]
    [InlineData(Machine.First)]
    [InlineData(Machine.Parked)]
    public void AllocatePages_OfALoader_LieInItsPartition(int guest)
    {
        var machine = new Machine();
        ulong pages = 0;
        ulong pool = 0;
        machine.Run(guest, services =>
        {
            services.AllocatePages(MemoryType.LoaderData, 3, out pages);
            services.AllocatePool(MemoryType.LoaderData, 100, out pool);
            return EfiStatus.Aborted;
        });
        Assert.True(Machine.IsIn(guest, pages));
        Assert.True(Machine.IsIn(guest, pool));
    }

    [Fact]
    public void MemoryServices_WithBadArguments_AnswerAsUefiSays()
    {
        var machine = new Machine();
        EfiStatus[] answers = [];
        machine.Run(Machine.Parked, services =>
        {
            BootServices* boot = services.Boot;
            ulong foreign = Machine.Start(Machine.ParkedToo);
            ulong odd = Machine.Start(Machine.Parked) + 1;
            ulong some = 0;
            nuint size = 0;
            answers =
            [
                boot->AllocatePages(AllocateType.AnyPages, MemoryType.LoaderData, 1, null),
                boot->AllocatePages((AllocateType)3, MemoryType.LoaderData, 1, &some),
                boot->AllocatePages(AllocateType.AnyPages, MemoryType.Conventional, 1, &some),
                boot->AllocatePages(AllocateType.Address, MemoryType.LoaderData, 1, &foreign),
                boot->AllocatePages(AllocateType.Address, MemoryType.LoaderData, 1, &odd),
                boot->AllocatePages(AllocateType.AnyPages, MemoryType.LoaderData, 1 << 20, &some),
                boot->FreePages(Machine.Start(Machine.Parked) + (16 << 20), 1),
                boot->AllocatePool(MemoryType.LoaderData, 1, null),
                boot->FreePool((void*)(Machine.Start(Machine.Parked) + 64)),
                boot->GetMemoryMap(null, null, null, null, null),
                boot->GetMemoryMap(&size, null, null, null, null),
            ];
            return EfiStatus.Aborted;
        });
        Assert.Equal(
            [
                EfiStatus.InvalidParameter, EfiStatus.InvalidParameter, EfiStatus.InvalidParameter, EfiStatus.NotFound, EfiStatus.NotFound,
                EfiStatus.OutOfResources, EfiStatus.NotFound, EfiStatus.InvalidParameter, EfiStatus.InvalidParameter,
                EfiStatus.InvalidParameter, EfiStatus.BufferTooSmall,
            ],
            answers);
    }

    [Fact]
    public void FirmwarePages_OfAParkedGuest_AreRefused()
    {
        var machine = new Machine();
        EfiStatus answer = default;
        machine.Run(Machine.Parked, services =>
        {
            ulong address = FirmwareMemory;
            answer = services.AllocatePages(AllocateType.Address, MemoryType.LoaderData, 1, ref address);
            return EfiStatus.Aborted;
        });
        Assert.Equal(EfiStatus.NotFound, answer);
    }

    [Fact]
    public void MapKey_OfTheSameMap_IsTheSame()
    {
        var machine = new Machine();
        Assert.True(machine.Run(Machine.Parked, services =>
        {
            services.GetMemoryMap(out nuint first);
            services.GetMemoryMap(out _);
            return services.ExitBootServices(first);
        }));
    }

    [Fact]
    public void MapKey_OfTheGuestBefore_IsStale()
    {
        var machine = new Machine();
        nuint key = 0;
        EfiStatus answer = default;
        Assert.True(machine.Run(Machine.ParkedToo, services =>
        {
            services.GetMemoryMap(out key);
            return services.ExitBootServices(key);
        }));
        machine.Run(Machine.Parked, services =>
        {
            answer = services.ExitBootServices(key);
            return EfiStatus.Aborted;
        });
        Assert.Equal(EfiStatus.InvalidParameter, answer);
    }

    [Fact]
    public void Map_OfEachGuest_OffersNothingOfTheOthers()
    {
        var machine = new Machine();
        for (int guest = Machine.ParkedToo; guest >= Machine.First; guest--)
        {
            var loader = new RandomLoader(machine, guest);
            machine.Run(guest, services =>
            {
                loader.CheckMap(services);
                return services.ExitBootServices();
            });
            Assert.Empty(loader.Problems);
        }
    }
}

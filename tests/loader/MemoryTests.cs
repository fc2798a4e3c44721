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
    [InlineData(Machine.Last)]
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

    /// <summary>Left allocated, they would be missing where the first system, booted natively after that, wants them.</summary>
    [Fact]
    public void FirmwarePages_OfALastGuestThatFails_AreFreeAgain()
    {
        var machine = new Machine();
        string before = machine.Uefi.State;
        EfiStatus[] answers = [];
        machine.Run(Machine.Last, services =>
        {
            ulong address = FirmwareMemory;
            answers =
            [
                services.AllocatePages(AllocateType.Address, MemoryType.LoaderData, 5, ref address),

                // Part of them is the loader's to free, and once only.
                services.FreePages(address + 4096, 2),
                services.FreePages(address + 4096, 1),
            ];
            return EfiStatus.Aborted;
        });
        Assert.Equal([EfiStatus.Success, EfiStatus.Success, EfiStatus.NotFound], answers);
        Assert.Equal(before, machine.Uefi.State);
        Assert.DoesNotContain(Switcher.Efi.Cpu.DebugPort.Lines, line => line.StartsWith("WARN undo", System.StringComparison.Ordinal));
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
        for (int guest = Machine.ParkedToo; guest >= Machine.Last; guest--)
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

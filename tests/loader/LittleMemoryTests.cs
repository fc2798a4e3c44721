using Switcher.Boot.Memory;
using Switcher.Efi.Guests;
using Switcher.Efi.Uefi;
using Switcher.Tests.Loader.Firmware;
using Xunit;
using MemoryType = Switcher.Boot.Memory.MemoryType;

namespace Switcher.Tests.Loader;

/// <summary>A partition that is full at any point of a loader's start: that is the loader's failure, and leaves nothing either.</summary>
public unsafe class LittleMemoryTests
{
    // More than Switcher's own part of a loading takes: a stack of 64, tables, page tables, the image and its file.
    private const int MostPages = 160;

    [Theory]
    [InlineData(Machine.First)]
    [InlineData(Machine.Parked)]
    public void Loader_WithAnyNumberOfFreePages_ParksOrFailsCleanly(int guest)
    {
        int parked = 0;
        for (int pages = 0; pages <= MostPages; pages++)
        {
            var machine = new Machine();
            Leave(machine.Guest(guest), pages);
            string before = machine.Uefi.State;
            bool hasStarted = false;
            bool isParked = machine.Run(guest, services =>
            {
                hasStarted = true;
                for (EfiStatus status = EfiStatus.Success; !status.IsError;)
                    status = services.AllocatePages(Switcher.Efi.Uefi.MemoryType.LoaderData, 1, out _);
                services.Load(Machine.Image(_ => EfiStatus.Success), out _);
                return services.ExitBootServices();
            });
            Assert.Equal(before, machine.Uefi.State);
            Assert.Empty(machine.Uefi.Events.Violations);
            Assert.Equal(isParked, hasStarted);
            parked += isParked ? 1 : 0;
        }

        Assert.InRange(parked, 1, MostPages - 1);
    }

    /// <summary>Takes all of a partition but some pages.</summary>
    private static void Leave(GuestBoot* guest, int pages)
    {
        ulong rest = (PhysicalMemory.PartitionLength / PageSize.Small) - 1 - (ulong)pages;
        Assert.NotEqual(0UL, GuestBoot.Allocate(guest, MemoryType.LoaderData, rest * PageSize.Small));
    }
}

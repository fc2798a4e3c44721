using Switcher.Efi.Uefi;
using Xunit;

namespace Switcher.Tests.Loader;

/// <summary>The memory services of a loader.</summary>
public class MemoryTests
{
    [Theory]
    [InlineData(Machine.Last)]
    [InlineData(Machine.Parked)]
    public void AllocatePages_OfALoader_LieInItsPartition(int guest)
    {
        var machine = new Machine();
        string before = machine.Uefi.State;
        ulong pages = 0;
        ulong pool = 0;
        Assert.Equal(guest == Machine.Parked, machine.Run(guest, services =>
        {
            services.AllocatePages(MemoryType.LoaderData, 3, out pages);
            services.AllocatePool(MemoryType.LoaderData, 100, out pool);
            return guest == Machine.Parked ? services.ExitBootServices() : EfiStatus.Aborted;
        }));
        Assert.True(Machine.IsIn(guest, pages));
        Assert.True(Machine.IsIn(guest, pool));
        Assert.Empty(machine.Uefi.Events.Violations);
    }
}

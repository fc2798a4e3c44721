using Switcher.Boot.Memory;
using Switcher.Boot.Plan;
using Xunit;

namespace Switcher.Tests.Boot.Plan;

/// <summary>What the hypervisor takes from a machine.</summary>
public sealed class HypervisorMemoryTests
{
    private const ulong MiB = 1024 * 1024;

    /// <summary>
    /// At most 8 MiB and 1 MiB for each guest, on machines of up to 16 processors, besides the private copies that guests have of low
    /// memory and of the firmware's ACPI memory.
    /// </summary>
    [Theory]
    [InlineData(2, 2, 40)]
    [InlineData(2, 16, 39)]
    [InlineData(2, 16, 48)]
    [InlineData(3, 16, 48)]
    [InlineData(8, 16, 52)]
    public void Bytes_WithoutPrivateCopies_AreFew(int guests, int cpus, int addressBits)
    {
        var memory = new HypervisorMemory
        {
            ProgramBytes = MiB,
            Cpus = cpus,
            PagesOfACpu = 32,
            Guests = guests,
            PhysicalAddressBits = addressBits,
            LargestNestedPage = PageSize.Huge,
            LargestPage = PageSize.Huge,
        };
        ulong copies = (ulong)guests * LowWindow.ConventionalEnd;
        Assert.InRange(memory.Bytes - copies, MiB, (8 + (ulong)guests) * MiB);
    }
}

using Switcher.Hv.Vendor;
using Xunit;

namespace Switcher.Tests.Hv.Vendor;

public class ContractTests
{
    /// <summary>What a vendor has to do stays small enough to be read at once.</summary>
    [Fact]
    public void Contract_HasAtMostFifteenMembers()
        => Assert.InRange(typeof(IVirtualization).GetMethods().Length, 1, 15);
}

using System;
using System.Linq;
using CsCheck;
using Switcher.Hv.Memory;
using Xunit;

namespace Switcher.Tests.Hv.Memory;

public sealed class MemoryPlannerTests
{
    private const ulong MiB = 1024 * 1024;

    [Fact]
    public void Plan_AnyMap_GivesEveryRangeToOneOwnerOnly()
    {
        Gen.Select(FirmwareMaps.Random, Gen.Int[2, 16], Gen.ULong[1, 64]).Sample((map, guests, hypervisor) =>
        {
            PlannedRange[] table = new PlannedRange[MemoryPlanner.TableEntries];
            PlanFailure failure = MemoryPlanner.Plan(map, new MemoryRequest[guests], hypervisor * MiB, 0, table, out MemoryPlan plan);
            if (failure.Status == PlanStatus.Ok)
                PlanRules.Check(map, new MemoryRequest[guests], hypervisor * MiB, plan);
            else
                Assert.Equal(0, plan.Ranges.Length);
        });
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("Switcher.Tests.Scenarios.LongestFirst", "Switcher.Scenarios")]

namespace Switcher.Tests.Scenarios;

/// <summary>Starts the classes that take longest first: what begins last and runs alone would keep the other cores idle.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    /// <summary>By what they take on an idle host, from six minutes down to two. All others come behind, in any order.</summary>
    private static readonly string[] s_classes =
    [
        "BochsVmxMemoryTests", "BochsSvmMemoryTests", "BochsVmxCpuTests", "BochsSvmCpuTests", "SteadyStateTests", "VmxTests",
            "BootCostTests", "ControllerTests", "FlashTests",
        "GuestEndTests", "LinuxSwitchTests",
    ];

    /// <inheritdoc/>
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection => Rank(collection.DisplayName));

    private static int Rank(string name)
    {
        int rank = Array.FindIndex(s_classes, one => name.EndsWith("." + one, StringComparison.Ordinal));
        return rank < 0 ? s_classes.Length : rank;
    }
}

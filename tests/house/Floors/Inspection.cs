using System;
using System.Collections.Generic;
using System.Linq;

namespace Switcher.Tests.House.Floors;

/// <summary>References against the order of floors.</summary>
internal static class Inspection
{
    /// <summary>The references that go the wrong way, one for each pair of files.</summary>
    public static IReadOnlyList<Reference> Upward(FloorPlan plan, SourceReader sources, params string[] rooms) =>
        [.. sources.Read(rooms).Where(reference => !plan.Allows(reference.FromFolder, reference.ToFolder))
            .OrderBy(reference => reference.From, StringComparer.Ordinal).ThenBy(reference => reference.To, StringComparer.Ordinal)];

    /// <summary>Such a reference in words, with the place.</summary>
    public static string Describe(FloorPlan plan, Reference reference) =>
        $"{reference.From}:{reference.Line} uses {reference.Symbol} of {reference.To}: "
            + $"{plan.Explain(reference.FromFolder, reference.ToFolder)}";
}

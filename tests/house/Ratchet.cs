using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace Switcher.Tests.House;

/// <summary>
/// A list of what is still owed to a rule. It may only shrink: what is new fails, and so does what was paid and is still listed.
/// </summary>
internal static class Ratchet
{
    /// <summary>Compares what is found now with the list in a file.</summary>
    /// <param name="path">The list, one row a debt.</param>
    /// <param name="found">What breaks the rule now, as the list would say it.</param>
    /// <param name="explain">A sentence for a row that is new.</param>
    public static void Check(string path, IReadOnlyCollection<string> found, System.Func<string, string> explain)
    {
        IReadOnlyList<string> owed = Repository.Rows(path);
        string[] added = [.. found.Except(owed).Select(explain)];
        string[] paid = [.. owed.Except(found)];
        Assert.True(added.Length == 0, $"{added.Length} new:\n{string.Join('\n', added)}");
        Assert.True(paid.Length == 0, $"No longer true, so take them off {path}:\n{string.Join('\n', paid)}");
    }
}

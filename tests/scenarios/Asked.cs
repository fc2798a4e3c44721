using System;
using System.Globalization;

namespace Switcher.Tests.Scenarios;

/// <summary>What somebody asks of a test by an environment variable, beyond an ordinary run.</summary>
internal static class Asked
{
    /// <summary>A variable's number, or null if it is none.</summary>
    public static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int number) ? number : null;
}

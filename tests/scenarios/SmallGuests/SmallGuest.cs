using System.Globalization;
using System.IO;
using System.Reflection;
using Switcher.Runner;
using Switcher.Runner.Guests;

namespace Switcher.Tests.Scenarios.SmallGuests;

/// <summary>The project's own small guest, <c>tests/guest</c>: what it is told, and where it is.</summary>
internal static class SmallGuest
{
    /// <summary>The program as it was built together with these tests.</summary>
    public static string Program { get; } = Path.Combine(
        Repository.Root, "tests", "guest", "bin",
        typeof(SmallGuest).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration
            ?? "Debug", "net10.0", "TestGuest.efi");

    /// <summary>A guest with a script.</summary>
    /// <param name="name">One letter: it gives the guest's seed as well.</param>
    /// <param name="script">Its steps; see the guest's <c>Script</c>.</param>
    /// <param name="end">The step after its verdict.</param>
    /// <param name="rounds">How often it carries out the script.</param>
    public static GuestSpec Of(string name, string script, string end = "shutdown", int rounds = 1) =>
        new(name, Efi: Program, Options: Options(name, script, end, rounds));

    /// <summary>The text that a guest takes its script from.</summary>
    public static string Options(string name, string script, string end = "shutdown", int rounds = 1) =>
        string.Create(CultureInfo.InvariantCulture, $"name={name} seed={name[0] - 'a' + 1} rounds={rounds} script={script} end={end}");
}

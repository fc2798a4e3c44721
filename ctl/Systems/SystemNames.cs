using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Switcher.Ctl.Live;

namespace Switcher.Ctl.Systems;

/// <summary>
/// Finds the system that a user means: by the number of its boot option (<c>0002</c>, <c>Boot0002</c>, <c>2</c>), its label or the
/// beginning of its label, without regard to case.
/// </summary>
public static class SystemNames
{
    /// <exception cref="CtlFailure">None is called so, or several are; the message lists them.</exception>
    public static T Find<T>(string name, IReadOnlyList<T> systems)
        where T : NamedSystem
    {
        IReadOnlyList<T> found = FindAll(name, systems);
        return found.Count switch
        {
            1 => found[0],
            0 => throw new CtlFailure(ExitStatus.WrongSystem, systems.Count == 0
                ? $"There is no system \"{name}\", nor any other."
                : $"There is no system \"{name}\"; there are {List(systems)}."),
            _ => throw new CtlFailure(ExitStatus.WrongSystem,
                $"\"{name}\" may be {List(found)}; give more of the label, or the number."),
        };
    }

    /// <summary>Those that may be meant.</summary>
    public static IReadOnlyList<T> FindAll<T>(string name, IReadOnlyList<T> systems)
        where T : NamedSystem
    {
        // A number goes first: it is what is said to make sure.
        T[] found = [.. systems.Where(system => TryParse(name, out ushort number) && system.Number == number)];
        if (found.Length == 0)
            found = [.. systems.Where(system => system.Label.Equals(name, StringComparison.OrdinalIgnoreCase))];
        if (found.Length == 0 && name.Length != 0)
            found = [.. systems.Where(system => system.Label.StartsWith(name, StringComparison.OrdinalIgnoreCase))];
        return found;
    }

    /// <summary>Four hexadecimal digits, with or without "Boot", or up to four decimal ones, which are read in the same way.</summary>
    private static bool TryParse(string name, out ushort number)
    {
        string digits = name.StartsWith("Boot", StringComparison.OrdinalIgnoreCase) ? name[4..] : name;
        number = 0;
        return (digits.Length == 4 || (digits.Length < 4 && digits.All(char.IsAsciiDigit)))
            && ushort.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
    }

    private static string List(IReadOnlyList<NamedSystem> systems) => string.Join(", ", systems.Select(system => system.Title));
}

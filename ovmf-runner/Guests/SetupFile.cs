using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace Switcher.Runner.Guests;

/// <summary>
/// Writes <c>\switcher-setup.txt</c>, which the test-support program reads before it starts Switcher: it makes the boot options and
/// variables that a user's machine would already have.
/// </summary>
public static class SetupFile
{
    /// <summary>Where the program expects the file.</summary>
    public const string EspPath = @"\switcher-setup.txt";

    /// <summary>Where Switcher lies on the system partition.</summary>
    public const string SwitcherPath = @"\EFI\Switcher\Switcher.efi";

    /// <summary>Describes some guests, the first of which starts first.</summary>
    /// <param name="guests">The guests; the first becomes <c>Boot0001</c>.</param>
    /// <param name="extraLines">Lines to add before the one that starts Switcher.</param>
    public static string Format(IReadOnlyList<Guest> guests, params IReadOnlyList<string> extraLines) =>
        Format(guests, isChosen: true, extraLines);

    /// <summary>The same, also for a machine on which nobody has chosen systems yet, or where the choice is in the flash.</summary>
    /// <param name="isChosen">Whether the file says which run, and that nobody waits for a key.</param>
    public static string Format(IReadOnlyList<Guest> guests, bool isChosen, IReadOnlyList<string> extraLines)
    {
        var text = new StringBuilder();
        for (int i = 0; i < guests.Count; i++)
        {
            string options = guests[i].Options.Length == 0 ? "" : " " + guests[i].Options;
            text.Append(CultureInfo.InvariantCulture, $"boot {Number(i)} \"{guests[i].Name}\" {guests[i].Loader}{options}\n");
            foreach (string setting in guests[i].Settings)
                text.Append(CultureInfo.InvariantCulture, $"guest {Number(i)} {setting}\n");
        }

        if (isChosen)
        {
            text.Append(CultureInfo.InvariantCulture, $"guests {string.Join(' ', Enumerable.Range(0, guests.Count).Select(Number))}\n");
            text.Append("timeout 0\n");
        }

        foreach (string line in extraLines)
            text.Append(line).Append('\n');
        return text.Append(CultureInfo.InvariantCulture, $"start {SwitcherPath}\n").ToString();
    }

    private static string Number(int guest) => (guest + 1).ToString("X4", CultureInfo.InvariantCulture);
}

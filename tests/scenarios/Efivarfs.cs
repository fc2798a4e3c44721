using System;
using System.Collections.Generic;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;

namespace Switcher.Tests.Scenarios;

/// <summary>The variables as a Linux guest shows them.</summary>
internal static partial class Efivarfs
{
    private const string Folder = "/sys/firmware/efi/efivars";

    /// <summary>A line for each variable: name, attributes, sum of attributes and value.</summary>
    private const string List = $"mount -t efivarfs e {Folder} 2>/dev/null; cd {Folder}; "
        + "for f in *; do echo \"$f \"$(od -An -tx1 -N4 $f|tr -d ' ') $(md5sum<$f); done";

    /// <summary>
    /// The firmware counts its starts in the one. The others say when the loader ran, and Switcher answers the last itself.
    /// </summary>
    [GeneratedRegex("^(MTC-|LoaderTime|LoaderSystemToken-|Switcher(Status|Log)-)")]
    private static partial Regex Differing();

    /// <summary>What the guest has: attributes in hexadecimal digits and a sum, by name.</summary>
    public static async Task<SortedDictionary<string, string>> ListAsync(Machine machine, string guest, CancellationToken cancel)
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in await GuestShell.RunAsync(machine, guest, List, cancel))
        {
            string[] words = line.Split(' ');
            if (!Differing().IsMatch(words[0]))
                found[words[0]] = $"{words[1]} {words[2]}";
        }
        return found;
    }

    /// <summary>Whether one that is in a list outlasts the boot.</summary>
    public static bool IsLasting(KeyValuePair<string, string> variable) => (Convert.FromHexString(variable.Value[..2])[0] & 1) != 0;
}

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace Switcher.Runner.Guests;

/// <summary>
/// A guest as the command line names it: <c>debian-cloud</c>, <c>debian</c>, <c>debian-older</c>, or
/// <c>name=N,efi=PATH[,initrd=PATH][,options=TEXT][,memory=MiB|N%][,disk=IMAGE]</c>, where <c>\,</c> stands for a comma inside a value.
/// </summary>
/// <param name="Name">What the guest is called, in boot options, logs and reports.</param>
/// <param name="Debian">For one of the Debian guests: which.</param>
/// <param name="Efi">The loader: a file of this machine, or with a leading backslash a file of <paramref name="Disk"/>'s first FAT
/// partition.</param>
/// <param name="Initrd">An initial root file system that Switcher hands to the loader; a file of this machine.</param>
/// <param name="Options">The loader's options.</param>
/// <param name="Memory">Its memory, as Switcher's variable takes it: <c>2048M</c> or <c>40%</c>.</param>
/// <param name="Disk">A disk image to attach.</param>
public sealed record GuestSpec(
    string Name, DebianFlavour? Debian = null, string? Efi = null, string? Initrd = null, string? Options = null, string? Memory = null,
    string? Disk = null)
{
    private static readonly string[] Keys = ["name", "efi", "initrd", "options", "memory", "disk"];

    public static readonly GuestSpec DebianCloud = new("debian-cloud", DebianFlavour.Cloud);

    public static readonly GuestSpec DebianFull = new("debian", DebianFlavour.Full);

    public static readonly GuestSpec DebianOlder = new("debian-older", DebianFlavour.Older);

    private static readonly GuestSpec[] s_debian = [DebianCloud, DebianFull, DebianOlder];

    /// <summary>Reads one SPEC.</summary>
    /// <returns>Whether it is one; if not, <paramref name="error"/> says in a few words what is wrong.</returns>
    public static bool TryParse(string text, out GuestSpec spec, out string error)
    {
        error = "";
        spec = Array.Find(s_debian, debian => debian.Name == text) ?? DebianCloud;
        if (spec.Name == text)
            return true;

        var values = new Dictionary<string, string>();
        foreach (string part in SplitAtCommas(text))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            string key = equals < 0 ? part : part[..equals];
            if (equals < 0 && values.Count == 0)
                error = $"unknown guest '{text}'";
            else if (equals < 0)
                error = $"'{part}' is not key=value (a comma inside a value is written \\,)";
            else if (!Keys.Contains(key))
                error = $"unknown key '{key}'";
            else if (part.Length == equals + 1)
                error = $"{key} is empty";
            else if (!values.TryAdd(key, part[(equals + 1)..]))
                error = $"{key} is given twice";
            if (error.Length > 0)
                return false;
        }

        return TryBuild(values, out spec, out error);
    }

    private static bool TryBuild(Dictionary<string, string> values, out GuestSpec spec, out string error)
    {
        spec = DebianCloud;
        error = "";
        string name = values.GetValueOrDefault("name", "");
        string efi = values.GetValueOrDefault("efi", "");
        string? memory = null;
        if (name.Length == 0 || efi.Length == 0)
            error = name.Length == 0 ? "name is missing" : "efi is missing";
        else if (!name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') || name[0] == '.')
            error = $"name '{name}' may hold only letters, digits, '-', '_' and '.'";
        else if (efi[0] == '\\' && !values.ContainsKey("disk"))
            error = $"efi={efi} is a path on a disk, and disk is missing";
        else if (values.TryGetValue("memory", out string? given) && (memory = MemoryValue(given)) is null)
            error = $"memory '{given}' is neither a number of MiB nor a percentage";
        if (error.Length > 0)
            return false;
        spec = new GuestSpec(
            name, Efi: efi, Initrd: values.GetValueOrDefault("initrd"), Options: values.GetValueOrDefault("options"), Memory: memory,
            Disk: values.GetValueOrDefault("disk"));
        return true;
    }

    private static string? MemoryValue(string text)
    {
        bool percent = text.EndsWith('%');
        if (!int.TryParse(percent ? text[..^1] : text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) || value == 0)
            return null;
        if (percent)
            return value <= 100 ? text : null;
        return $"{value}M";
    }

    /// <summary>
    /// Splits at commas that have no backslash before them. Any other backslash is an ordinary character: EFI paths have many.
    /// </summary>
    private static IEnumerable<string> SplitAtCommas(string text)
    {
        var part = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == ',')
            {
                yield return part.ToString();
                part.Clear();
                continue;
            }

            if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] == ',')
                i++;
            part.Append(text[i]);
        }

        yield return part.ToString();
    }
}

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using Switcher.Boot.Config;
using Switcher.Ctl.Live;

namespace Switcher.Ctl.Systems;

/// <summary>All of the firmware's boot options, whether Switcher runs them or not.</summary>
public static class BootMenu
{
    private const string Prefix = "Boot";
    private const int NameLength = 8;

    /// <summary>Those that are well formed, by number.</summary>
    public static IReadOnlyList<NamedSystem> Read(LinuxFiles files)
    {
        List<NamedSystem> options = [];
        foreach ((ushort number, byte[] value) in ReadValues(files))
        {
            if (BootOption.TryParse(value, out BootOption option) == BootOptionStatus.Ok)
                options.Add(new NamedSystem(number, Encoding.Unicode.GetString(option.Description)));
        }
        return options;
    }

    /// <summary>Their variables, well formed or not, by number.</summary>
    public static IEnumerable<KeyValuePair<ushort, byte[]>> ReadValues(LinuxFiles files)
    {
        foreach (string file in files.List(EfiVariables.Folder))
        {
            // UEFI 2.10, 3.1.1: four digits, in upper case.
            if (file.StartsWith(Prefix, StringComparison.Ordinal) && file.EndsWith(EfiVariables.GlobalVendor, StringComparison.Ordinal)
                && file.IndexOf('-', StringComparison.Ordinal) == NameLength
                && ushort.TryParse(
                    file.AsSpan(Prefix.Length, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort number)
                && EfiVariables.Read(files, file[..NameLength], EfiVariables.GlobalVendor) is { } value)
                yield return new KeyValuePair<ushort, byte[]>(number, value);
        }
    }

    /// <summary>The option that a user means: of those that Switcher runs, or of all if it is none of them.</summary>
    /// <exception cref="CtlFailure">None is called so, or several are.</exception>
    public static NamedSystem Find(LinuxFiles files, string name)
    {
        GuestTable table = GuestTable.Read(files);
        if (SystemNames.FindAll(name, table.Guests).Count != 0)
            return SystemNames.Find(name, table.Guests);
        IReadOnlyList<NamedSystem> all = Read(files);
        return SystemNames.FindAll(name, all).Count != 0 ? SystemNames.Find(name, all) : SystemNames.Find<NamedSystem>(name, table.Guests);
    }
}

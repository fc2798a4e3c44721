using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using Switcher.Boot.Config;
using Switcher.Boot.Plan;
using Switcher.Boot.Verdict;
using Switcher.Ctl.Check;

namespace Switcher.Ctl.Live;

/// <summary>A boot option that Switcher would run.</summary>
/// <param name="Number">The four hexadecimal digits of Boot####.</param>
/// <param name="Description">What the firmware's menu shows.</param>
/// <param name="IsWindows">Windows Boot Manager, by its loader's path.</param>
/// <param name="Memory">What the user asks for it.</param>
public sealed record GuestOption(ushort Number, string Description, bool IsWindows, MemoryRequest Memory);

/// <summary>The firmware's variables as Linux shows them.</summary>
public readonly struct FirmwareOptions : IBootOptions
{
    private readonly LinuxFiles _files;
    private readonly Judgement _judgement;

    private FirmwareOptions(LinuxFiles files, Judgement judgement)
    {
        _files = files;
        _judgement = judgement;
    }

    /// <summary>The options that Switcher would run, chosen and judged as the boot does.</summary>
    public static List<GuestOption> ReadGuests(LinuxFiles files, Judgement judgement) =>
        ReadGuests(files, EfiVariables.Read(files, "SwitcherGuests", EfiVariables.SwitcherVendor), judgement);

    /// <summary>The same, if <c>SwitcherGuests</c> were another.</summary>
    public static List<GuestOption> ReadGuests(LinuxFiles files, ReadOnlySpan<byte> list, Judgement judgement)
    {
        List<GuestOption> guests = [];
        if (EfiVariables.Read(files, "BootOrder", EfiVariables.GlobalVendor) is not { } order)
        {
            judgement.Doubt("the firmware's boot options could not be read");
            return guests;
        }
        ushort[] listed = new ushort[MemoryPlanner.MaximumGuests];
        ushort[] chosen = new ushort[MemoryPlanner.MaximumGuests];
        int listedCount = GuestList.Parse(list, listed, default, out _);
        FirmwareOptions options = new(files, judgement);
        JudgementFindings findings = new(judgement);
        int count = GuestVerdict.Choose(ref options, listed.AsSpan(0, listedCount), order, chosen, ref findings);
        for (int i = 0; i < count; i++)
        {
            ushort number = chosen[i];
            if (!options.TryRead(number, out ReadOnlySpan<byte> variable)
                || BootOption.TryParse(variable, out BootOption option) != BootOptionStatus.Ok)
                continue;
            string description = Encoding.Unicode.GetString(option.Description);
            guests.Add(new GuestOption(number, description, IsWindows(option), options.MemoryOf(number)));
        }
        return guests;
    }

    /// <summary>Whether Secure Boot is on; null when the firmware does not say.</summary>
    public static bool? ReadSecureBoot(LinuxFiles files) =>
        EfiVariables.Read(files, "SecureBoot", EfiVariables.GlobalVendor) is [var value, ..] ? value == 1 : null;

    /// <inheritdoc/>
    public bool TryRead(ushort number, out ReadOnlySpan<byte> variable)
    {
        byte[]? bytes = EfiVariables.Read(_files, Name("Boot", number), EfiVariables.GlobalVendor);
        variable = bytes;
        return bytes != null;
    }

    /// <summary>By the folder that it is put into; where it was started from is not known here.</summary>
    public bool IsSwitcher(in BootOption option) => FileOf(option).Contains("\\Switcher\\", StringComparison.OrdinalIgnoreCase);

    /// <summary>By its place; the partition may not be mounted, so what is in the file is not looked at.</summary>
    public bool IsSameLoader(in BootOption a, in BootOption b) => LoaderPath.AreEqual(a, b);

    /// <inheritdoc/>
    public void Warn(ushort number, ReadOnlySpan<byte> text) =>
        _judgement.Note($"{Name("Boot", number)}: {Encoding.ASCII.GetString(text)}");

    private static bool IsWindows(in BootOption option) =>
        FileOf(option).Contains("\\Microsoft\\Boot\\", StringComparison.OrdinalIgnoreCase);

    /// <summary>The path of the option's loader.</summary>
    internal static string FileOf(in BootOption option)
    {
        StringBuilder file = new();
        foreach (DevicePathNode node in new DevicePathReader(option.FilePath))
        {
            if (node.IsFilePath)
                file.Append(Encoding.Unicode.GetString(node.FilePath));
        }
        return file.ToString();
    }

    private MemoryRequest MemoryOf(ushort number) =>
        GuestOptions.Parse(EfiVariables.Read(_files, Name("SwitcherGuest", number), EfiVariables.SwitcherVendor), default, out _).Memory;

    private static string Name(string prefix, ushort number) => string.Create(CultureInfo.InvariantCulture, $"{prefix}{number:X4}");
}

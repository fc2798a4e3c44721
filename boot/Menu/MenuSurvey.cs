using System;
using System.Buffers.Binary;
using Switcher.Boot.Config;
using Switcher.Boot.Plan;
using Switcher.Boot.Text;
using Switcher.Boot.Verdict;

namespace Switcher.Boot.Menu;

/// <summary>Fills the menu with what the firmware can boot: what is selected at first is what would run without a menu.</summary>
public static class MenuSurvey
{
    /// <summary>Boot options that the menu has room for.</summary>
    public const int MaximumEntries = 64;

    /// <summary>Columns for the place of a loader.</summary>
    public const int PlaceWidth = 36;

    /// <summary>Fills it: what a list names, then what else the firmware has in its order.</summary>
    /// <param name="options">The firmware's options.</param>
    /// <param name="listed">The user's list, of systems that can run; empty if there is none.</param>
    /// <param name="order">The variable <c>BootOrder</c>.</param>
    /// <param name="entries">Receives the entries, systems before all others; room for <see cref="MaximumEntries"/>.</param>
    /// <param name="systems">How many systems there are.</param>
    /// <returns>How many entries there are.</returns>
    public static int Fill<TOptions>(
        ref TOptions options, scoped ReadOnlySpan<ushort> listed, scoped ReadOnlySpan<byte> order, Span<MenuEntry> entries,
        out int systems)
        where TOptions : struct, IBootOptions
    {
        int count = 0;
        Span<ushort> taken = stackalloc ushort[MaximumEntries];
        int takenCount = 0;
        for (int i = 0; i < listed.Length + (order.Length / 2) && count < entries.Length && count < MaximumEntries; i++)
        {
            bool isListed = i < listed.Length;
            ushort number = isListed ? listed[i] : BinaryPrimitives.ReadUInt16LittleEndian(order[(2 * (i - listed.Length))..]);
            if (Has(entries[..count], number))
                continue;
            OptionVerdict verdict = GuestVerdict.Judge(ref options, taken[..takenCount], number, isListed, out ushort other);
            if (verdict is OptionVerdict.Missing or OptionVerdict.Malformed)
                continue;
            if (verdict == OptionVerdict.System)
                taken[takenCount++] = number;
            entries[count] = Describe(ref options, number, entries[..count]);
            entries[count].Verdict = verdict;
            entries[count].Repeats = other;
            entries[count].IsSelected = isListed && verdict == OptionVerdict.System;
            count++;
        }

        systems = LeaveOutFallbacks(ref options, listed, taken[..takenCount], entries[..count]);
        for (int i = 0; listed.IsEmpty && i < systems && i < MemoryPlanner.MaximumGuests; i++)
            entries[i].IsSelected = true;
        return count;
    }

    /// <summary>Puts the systems before the others, both in the order that they have.</summary>
    /// <returns>How many systems there are.</returns>
    private static int LeaveOutFallbacks<TOptions>(
        ref TOptions options, scoped ReadOnlySpan<ushort> listed, scoped ReadOnlySpan<ushort> taken, Span<MenuEntry> entries)
        where TOptions : struct, IBootOptions
    {
        int systems = 0;
        for (int i = 0; i < entries.Length; i++)
        {
            MenuEntry entry = entries[i];
            if (entry.Verdict == OptionVerdict.System && !listed.Contains(entry.Number)
                && GuestVerdict.IsFallbackOfAnother(ref options, taken, entry.Number))
                entry.Verdict = OptionVerdict.DiskStart;
            entries[i] = entry;
            if (entry.Verdict != OptionVerdict.System)
                continue;
            for (int k = i; k > systems; k--)
                entries[k] = entries[k - 1];
            entries[systems++] = entry;
        }

        return systems;
    }

    private static bool Has(ReadOnlySpan<MenuEntry> entries, ushort number)
    {
        foreach (ref readonly MenuEntry entry in entries)
        {
            if (entry.Number == number)
                return true;
        }

        return false;
    }

    private static MenuEntry Describe<TOptions>(ref TOptions options, ushort number, scoped ReadOnlySpan<MenuEntry> earlier)
        where TOptions : struct, IBootOptions
    {
        var entry = new MenuEntry { Number = number, Group = (byte)earlier.Length };
        if (!options.TryRead(number, out ReadOnlySpan<byte> variable)
            || BootOption.TryParse(variable, out BootOption option) != BootOptionStatus.Ok)
            return entry;
        entry.Label = MenuText.StartOfUtf16(option.Description);
        entry.Place = PlaceOf(option);
        foreach (ref readonly MenuEntry one in earlier)
        {
            if (options.TryRead(one.Number, out ReadOnlySpan<byte> other)
                && BootOption.TryParse(other, out BootOption otherOption) == BootOptionStatus.Ok
                && LoaderPath.AreIdentical(option, otherOption))
                entry.Group = one.Group;
        }

        return entry;
    }

    /// <summary><c>HD(1,5e7b)\EFI\debian\shimx64.efi</c>: the partition, the start of its signature, and the file.</summary>
    private static MenuText PlaceOf(in BootOption option)
    {
        LogLine line = default;
        foreach (DevicePathNode node in new DevicePathReader(option.FilePath))
        {
            if (node.TryGetHardDrive(out HardDriveNode drive))
            {
                line.Text("HD("u8);
                line.Decimal(drive.PartitionNumber);
                line.Text(","u8);
                line.HexDigits(BinaryPrimitives.ReadUInt16LittleEndian(drive.PartitionSignature[2..]), 4);
                line.Text(")"u8);
            }
            else if (node.IsFilePath)
            {
                ReadOnlySpan<byte> path = node.FilePath;
                for (int i = 0; i + 1 < path.Length; i += 2)
                    line.Text([path[i + 1] == 0 ? path[i] : (byte)'?']);
            }
        }

        return MenuText.EndOf(line.Written, PlaceWidth);
    }
}

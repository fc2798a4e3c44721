using System;
using System.Buffers.Binary;
using Switcher.Boot.Config;
using Switcher.Boot.Plan;

namespace Switcher.Boot.Verdict;

/// <summary>The firmware's boot options, as the application and <c>switcherctl</c> reach them.</summary>
public interface IBootOptions
{
    /// <summary>The variable <c>Boot####</c>.</summary>
    bool TryRead(ushort number, out ReadOnlySpan<byte> variable);

    /// <summary>Whether an option starts Switcher itself.</summary>
    bool IsSwitcher(in BootOption option);

    /// <summary>Whether two options start one and the same file, by its place or, where that can be read, by what is in it.</summary>
    bool IsSameLoader(in BootOption a, in BootOption b);

    /// <summary>Told of an option that cannot be used.</summary>
    void Warn(ushort number, ReadOnlySpan<byte> text);
}

/// <summary>Which boot options become guests, and whether they are enough.</summary>
public static class GuestVerdict
{
    /// <summary>Chooses them.</summary>
    /// <param name="options">The firmware's options.</param>
    /// <param name="listed">What <c>SwitcherGuests</c> names. The default: every active OS loader on a fixed disk, in the firmware's
    /// order, but each only once, and none that is known to be a tool.</param>
    /// <param name="order">The variable <c>BootOrder</c>.</param>
    /// <param name="chosen">Receives their numbers; room for <see cref="MemoryPlanner.MaximumGuests"/>.</param>
    /// <param name="findings">Told if there are too few.</param>
    /// <returns>How many there are.</returns>
    public static int Choose<TOptions, TFindings>(
        ref TOptions options, scoped ReadOnlySpan<ushort> listed, scoped ReadOnlySpan<byte> order, scoped Span<ushort> chosen,
        ref TFindings findings)
        where TOptions : struct, IBootOptions
        where TFindings : struct, IFindings
    {
        int count = 0;
        for (int i = 0; i < listed.Length; i++)
        {
            if (IsUsable(ref options, chosen[..count], listed[i], isListed: true))
                chosen[count++] = listed[i];
        }

        if (count < MemoryPlanner.MinimumGuests)
        {
            count = 0;
            for (int i = 0; i + 1 < order.Length && count < MemoryPlanner.MaximumGuests; i += 2)
            {
                ushort number = BinaryPrimitives.ReadUInt16LittleEndian(order[i..]);

                // An order may name an option twice; a system must not run twice.
                if (!chosen[..count].Contains(number) && IsUsable(ref options, chosen[..count], number, isListed: false))
                    chosen[count++] = number;
            }

            count = WithoutFallbacks(ref options, chosen[..count]);
        }

        if (count < MemoryPlanner.MinimumGuests)
            findings.Add(Severity.Refused, "fewer than two boot options are operating systems on a fixed disk"u8);
        return count;
    }

    /// <summary>
    /// Leaves out what firmware lists for <c>\EFI\BOOT\BOOTX64.EFI</c> of a partition that another system is on: it is that system's.
    /// </summary>
    private static int WithoutFallbacks<TOptions>(ref TOptions options, scoped Span<ushort> chosen)
        where TOptions : struct, IBootOptions
    {
        int kept = 0;
        for (int i = 0; i < chosen.Length; i++)
        {
            if (!IsFallbackOfAnother(ref options, chosen, i))
                chosen[kept++] = chosen[i];
            else
                options.Warn(chosen[i], "left out: the disk's own start, and another option starts a system of that disk"u8);
        }

        return kept;
    }

    private static bool IsFallbackOfAnother<TOptions>(ref TOptions options, scoped ReadOnlySpan<ushort> chosen, int index)
        where TOptions : struct, IBootOptions
    {
        if (!TryParse(ref options, chosen[index], out BootOption option) || !LoaderPath.IsFallback(option))
            return false;
        foreach (ushort number in chosen)
        {
            if (number != chosen[index] && TryParse(ref options, number, out BootOption other) && !LoaderPath.IsFallback(other)
                && LoaderPath.AreOnOnePartition(option, other))
                return true;
        }

        return false;
    }

    private static bool TryParse<TOptions>(ref TOptions options, ushort number, out BootOption option)
        where TOptions : struct, IBootOptions
    {
        option = default;
        return options.TryRead(number, out ReadOnlySpan<byte> variable)
            && BootOption.TryParse(variable, out option) == BootOptionStatus.Ok;
    }

    /// <summary>
    /// Whether an earlier option starts the same system: two of one system write to one disk, each as if it were alone. A list is the
    /// user's word: copies of one loader, or one with different options, are two systems there, since a kernel or a shim that is the same
    /// byte for byte may start either.
    /// </summary>
    private static bool IsRepeated<TOptions>(
        ref TOptions options, scoped ReadOnlySpan<ushort> earlier, in BootOption option, bool isListed)
        where TOptions : struct, IBootOptions
    {
        foreach (ushort number in earlier)
        {
            if (!TryParse(ref options, number, out BootOption other))
                continue;
            if (isListed
                ? LoaderPath.AreEqual(other, option) && other.OptionalData.SequenceEqual(option.OptionalData)
                : options.IsSameLoader(other, option))
                return true;
        }

        return false;
    }

    private static bool IsUsable<TOptions>(
        ref TOptions options, scoped ReadOnlySpan<ushort> earlier, ushort number, bool isListed)
        where TOptions : struct, IBootOptions
    {
        if (!options.TryRead(number, out ReadOnlySpan<byte> variable))
        {
            if (isListed)
                options.Warn(number, "there is no such boot option"u8);
            return false;
        }

        if (BootOption.TryParse(variable, out BootOption option) != BootOptionStatus.Ok)
        {
            options.Warn(number, "malformed"u8);
            return false;
        }

        if (!isListed && !(option.IsActive && option.IsLoaderOnFixedDisk && !KnownTool.Is(option)))
            return false;

        // Switcher itself is a boot option as well. A user who lists it anyway is not followed there.
        if (options.IsSwitcher(option))
        {
            if (isListed)
                options.Warn(number, "that is Switcher itself"u8);
            return false;
        }

        if (!IsRepeated(ref options, earlier, option, isListed))
            return true;
        options.Warn(number, "left out: it starts the same system as an option before it"u8);
        return false;
    }
}

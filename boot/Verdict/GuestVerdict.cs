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
    /// <summary>Chooses them: what the list names if that is enough, or else what is proposed.</summary>
    /// <param name="options">The firmware's options.</param>
    /// <param name="listed">What <c>SwitcherGuests</c> names.</param>
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
        int count = ChooseListed(ref options, listed, chosen);
        return count >= MemoryPlanner.MinimumGuests ? count : Propose(ref options, order, chosen, ref findings);
    }

    /// <summary>Takes what a list names, as far as it can run.</summary>
    /// <returns>How many there are; fewer than <see cref="MemoryPlanner.MinimumGuests"/> are no choice.</returns>
    public static int ChooseListed<TOptions>(ref TOptions options, scoped ReadOnlySpan<ushort> listed, scoped Span<ushort> chosen)
        where TOptions : struct, IBootOptions
    {
        int count = 0;
        for (int i = 0; i < listed.Length; i++)
        {
            if (IsUsable(ref options, chosen[..count], listed[i], isListed: true))
                chosen[count++] = listed[i];
        }

        return count;
    }

    /// <summary>
    /// Proposes what there is: every active OS loader on a fixed disk, in the firmware's order, but each only once, and none that is known
    /// to be a tool.
    /// </summary>
    public static int Propose<TOptions, TFindings>(
        ref TOptions options, scoped ReadOnlySpan<byte> order, scoped Span<ushort> chosen, ref TFindings findings)
        where TOptions : struct, IBootOptions
        where TFindings : struct, IFindings
    {
        int count = 0;
        for (int i = 0; i + 1 < order.Length && count < MemoryPlanner.MaximumGuests; i += 2)
        {
            ushort number = BinaryPrimitives.ReadUInt16LittleEndian(order[i..]);

            // An order may name an option twice; a system must not run twice.
            if (!chosen[..count].Contains(number) && IsUsable(ref options, chosen[..count], number, isListed: false))
                chosen[count++] = number;
        }

        count = WithoutFallbacks(ref options, chosen[..count]);
        if (count < MemoryPlanner.MinimumGuests)
            findings.Add(Severity.Refused, "fewer than two boot options are operating systems on a fixed disk"u8);
        return count;
    }

    /// <summary>What an option is, beside those that were taken before it.</summary>
    /// <param name="options">The firmware's options.</param>
    /// <param name="earlier">The ones that were taken.</param>
    /// <param name="number">The option.</param>
    /// <param name="isListed">Whether the user names it, who may have reasons for what would not be proposed.</param>
    /// <param name="other">For a repeated one: which of the earlier ones it repeats.</param>
    public static OptionVerdict Judge<TOptions>(
        ref TOptions options, scoped ReadOnlySpan<ushort> earlier, ushort number, bool isListed, out ushort other)
        where TOptions : struct, IBootOptions
    {
        other = 0;
        if (!options.TryRead(number, out ReadOnlySpan<byte> variable))
            return OptionVerdict.Missing;
        if (BootOption.TryParse(variable, out BootOption option) != BootOptionStatus.Ok)
            return OptionVerdict.Malformed;

        // Switcher itself is a boot option as well. A user who lists it anyway is not followed there.
        if (options.IsSwitcher(option))
            return OptionVerdict.Switcher;
        if (!isListed && !option.IsActive)
            return OptionVerdict.Inactive;
        if (!isListed && !option.IsLoaderOnFixedDisk)
            return OptionVerdict.Elsewhere;
        if (!isListed && KnownTool.Is(option))
            return OptionVerdict.Tool;
        return IsRepeated(ref options, earlier, option, isListed, out other) ? OptionVerdict.Repeated : OptionVerdict.System;
    }

    /// <summary>
    /// Whether an option is what firmware lists for <c>\EFI\BOOT\BOOTX64.EFI</c> of a partition that another system is on: it is that
    /// system's.
    /// </summary>
    /// <param name="options">The firmware's options.</param>
    /// <param name="chosen">All that were taken.</param>
    /// <param name="number">One of them.</param>
    public static bool IsFallbackOfAnother<TOptions>(ref TOptions options, scoped ReadOnlySpan<ushort> chosen, ushort number)
        where TOptions : struct, IBootOptions
    {
        if (!TryParse(ref options, number, out BootOption option) || !LoaderPath.IsFallback(option))
            return false;
        foreach (ushort one in chosen)
        {
            if (one != number && TryParse(ref options, one, out BootOption other) && !LoaderPath.IsFallback(other)
                && LoaderPath.AreOnOnePartition(option, other))
                return true;
        }

        return false;
    }

    private static int WithoutFallbacks<TOptions>(ref TOptions options, scoped Span<ushort> chosen)
        where TOptions : struct, IBootOptions
    {
        int kept = 0;
        for (int i = 0; i < chosen.Length; i++)
        {
            if (!IsFallbackOfAnother(ref options, chosen, chosen[i]))
                chosen[kept++] = chosen[i];
            else
                options.Warn(chosen[i], "left out: the disk's own start, and another option starts a system of that disk"u8);
        }

        return kept;
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
        ref TOptions options, scoped ReadOnlySpan<ushort> earlier, in BootOption option, bool isListed, out ushort which)
        where TOptions : struct, IBootOptions
    {
        which = 0;
        foreach (ushort number in earlier)
        {
            which = number;
            if (!TryParse(ref options, number, out BootOption other))
                continue;
            if (isListed ? LoaderPath.AreIdentical(other, option) : options.IsSameLoader(other, option))
                return true;
        }

        return false;
    }

    private static bool IsUsable<TOptions>(
        ref TOptions options, scoped ReadOnlySpan<ushort> earlier, ushort number, bool isListed)
        where TOptions : struct, IBootOptions
    {
        OptionVerdict verdict = Judge(ref options, earlier, number, isListed, out _);
        if (verdict == OptionVerdict.Repeated)
            options.Warn(number, "left out: it starts the same system as an option before it"u8);
        else if (verdict == OptionVerdict.Malformed || (isListed && verdict == OptionVerdict.Missing))
            options.Warn(number, verdict.Reason());
        else if (isListed && verdict == OptionVerdict.Switcher)
            options.Warn(number, "that is Switcher itself"u8);
        return verdict == OptionVerdict.System;
    }
}

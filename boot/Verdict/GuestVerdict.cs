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

    /// <summary>Told of an option that cannot be used.</summary>
    void Warn(ushort number, ReadOnlySpan<byte> text);
}

/// <summary>Which boot options become guests, and whether they are enough.</summary>
public static class GuestVerdict
{
    /// <summary>Chooses them.</summary>
    /// <param name="options">The firmware's options.</param>
    /// <param name="listed">What <c>SwitcherGuests</c> names. The default: every active OS loader on a fixed disk, in the firmware's
    /// order.</param>
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
            if (IsUsable(ref options, listed[i], isListed: true))
                chosen[count++] = listed[i];
        }

        if (count < MemoryPlanner.MinimumGuests)
        {
            count = 0;
            for (int i = 0; i + 1 < order.Length && count < MemoryPlanner.MaximumGuests; i += 2)
            {
                ushort number = BinaryPrimitives.ReadUInt16LittleEndian(order[i..]);

                // An order may name an option twice; a system must not run twice.
                if (!chosen[..count].Contains(number) && IsUsable(ref options, number, isListed: false))
                    chosen[count++] = number;
            }
        }

        if (count < MemoryPlanner.MinimumGuests)
            findings.Add(Severity.Refused, "fewer than two boot options are operating systems on a fixed disk"u8);
        return count;
    }

    private static bool IsUsable<TOptions>(ref TOptions options, ushort number, bool isListed)
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

        // Switcher itself is a boot option as well. A user who lists it anyway is not followed there.
        if (!isListed)
            return option.IsActive && option.IsLoaderOnFixedDisk && !options.IsSwitcher(option);
        if (!options.IsSwitcher(option))
            return true;
        options.Warn(number, "that is Switcher itself"u8);
        return false;
    }
}

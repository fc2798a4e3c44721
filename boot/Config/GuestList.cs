using System;
using System.Buffers.Binary;
using Switcher.Boot.Plan;

namespace Switcher.Boot.Config;

/// <summary>The variable <c>SwitcherGuests</c>: a UINT16[] of numbers of <c>Boot####</c> options. The first starts first.</summary>
public static class GuestList
{
    /// <summary>Parses the variable. What is wrong is left out.</summary>
    /// <param name="value">The variable's bytes.</param>
    /// <param name="guests">Receives the numbers; room for <see cref="MemoryPlanner.MaximumGuests"/>.</param>
    /// <param name="problems">Receives the first problems.</param>
    /// <param name="problemCount">How many problems there are, also those that did not fit.</param>
    /// <returns>How many guests there are. Fewer than <see cref="MemoryPlanner.MinimumGuests"/> is a problem too.</returns>
    public static int Parse(ReadOnlySpan<byte> value, Span<ushort> guests, Span<ConfigProblem> problems, out int problemCount)
    {
        ProblemList list = new(problems);
        int most = Math.Min(guests.Length, MemoryPlanner.MaximumGuests);
        int count = 0;
        for (int i = 0; i < value.Length / 2; i++)
        {
            ushort option = BinaryPrimitives.ReadUInt16LittleEndian(value[(2 * i)..]);
            if (IsAmong(guests[..count], option))
            {
                list.Add(ConfigProblemKind.RepeatedGuest, i);
                continue;
            }

            if (count == most)
            {
                list.Add(ConfigProblemKind.TooManyGuests, i);
                break;
            }

            guests[count++] = option;
        }

        if (value.Length % 2 != 0)
            list.Add(ConfigProblemKind.OddLength, value.Length / 2);
        if (count < MemoryPlanner.MinimumGuests)
            list.Add(ConfigProblemKind.TooFewGuests, count);
        problemCount = list.Count;
        return count;
    }

    private static bool IsAmong(ReadOnlySpan<ushort> guests, ushort option)
    {
        foreach (ushort guest in guests)
        {
            if (guest == option)
                return true;
        }

        return false;
    }
}

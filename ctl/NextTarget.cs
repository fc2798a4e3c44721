using System;
using System.Buffers.Binary;
using System.Text.Json;
using Switcher.Ctl.Live;
using Switcher.Ctl.Systems;

namespace Switcher.Ctl;

/// <summary>Who has the machine at the next switch: the variable <c>SwitcherNext</c>.</summary>
internal static class NextTarget
{
    private const string Variable = "SwitcherNext";

    /// <summary>The system that a user means, if it can have the machine.</summary>
    /// <exception cref="CtlFailure">There is none such.</exception>
    public static Guest Find(GuestTable table, string name)
    {
        Guest guest = SystemNames.Find(name, table.Guests);
        if (guest.IsActive)
            throw new CtlFailure(ExitStatus.WrongSystem, $"{guest.Title} has the machine already; name another system.");
        if (!table.CanHave(guest))
            throw new CtlFailure(ExitStatus.NobodyElse, guest.IsOff
                ? $"{guest.Title} is off, and the firmware that would start it has failed; restart the machine."
                : $"{guest.Title} is {guest.State}; wait until that is over.");
        return guest;
    }

    /// <summary>Names the one that is next.</summary>
    /// <exception cref="CtlFailure">That could not be written.</exception>
    public static void Set(Host host, Guest guest)
    {
        Span<byte> value = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(value, guest.Number);
        new EfiStore(host).Write(Variable, value, EfiStore.Volatile);
    }

    /// <summary>Writes who it is, as members of a JSON object; null for nobody.</summary>
    public static void Write(Utf8JsonWriter json, Guest? guest)
    {
        json.WriteString("next", guest?.Digits);
        json.WriteString("label", guest?.Label);
        json.WriteString("state", guest?.State);
    }

    /// <summary>Nobody is named any more.</summary>
    /// <exception cref="CtlFailure">That could not be written.</exception>
    public static void Clear(Host host) => new EfiStore(host).Delete(Variable);
}

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Switcher.Boot.Plan;
using Switcher.Ctl.Check;
using Switcher.Ctl.Live;

namespace Switcher.Ctl.Systems;

/// <summary>The systems that share the machine, in the order in which they have it, and who is next.</summary>
/// <param name="Guests">The systems.</param>
/// <param name="IsRunning">Whether Switcher runs; if not, the systems are those that it would run.</param>
/// <param name="Named">Who was named to be next.</param>
/// <param name="IsArmed">Whether to suspend means that the machine sleeps, unless a system was named.</param>
/// <param name="HasServices">Whether the firmware still starts systems that are off.</param>
/// <param name="Notes">What was noticed in choosing those that would run.</param>
public sealed record GuestTable(
    IReadOnlyList<Guest> Guests, bool IsRunning, Guest? Named, bool IsArmed, bool HasServices, IReadOnlyList<string> Notes)
{
    /// <summary>Those of the Switcher that runs.</summary>
    /// <exception cref="CtlFailure">None runs.</exception>
    public static GuestTable Running(LinuxFiles files) => Of(RunningSwitcher.Require(files));

    /// <summary>Those of the Switcher that runs, or what one would run.</summary>
    /// <exception cref="CtlFailure">Neither can be told.</exception>
    public static GuestTable Read(LinuxFiles files)
    {
        EfiAccess.RequireReadable(files);
        if (RunningSwitcher.TryAsk(files, out SwitcherStatus? status))
            return Of(status);
        Judgement judgement = new();
        Guest[] guests = [.. FirmwareOptions.ReadGuests(files, judgement)
            .Select(option => new Guest(option.Number, option.Description, null, null, TextOf(option.Memory), false))];
        return new GuestTable(guests, IsRunning: false, null, IsArmed: false, HasServices: true, judgement.Reasons);
    }

    /// <summary>The system that has the machine: the one that asks.</summary>
    public Guest? Active => Guests.FirstOrDefault(guest => guest.IsActive);

    /// <summary>Whether to suspend the active system means that the machine sleeps, if nobody is named.</summary>
    public bool SleepsMachine => IsArmed || Active is { SleepsMachine: true };

    /// <summary>
    /// Who has the machine after the active system suspends: who was named, if that one can have it; nobody if the machine is to sleep;
    /// else the next in order. The hypervisor decides so too.
    /// </summary>
    public Guest? Next => Named is { } named && CanHave(named) ? named : SleepsMachine ? null : InOrder;

    /// <summary>The first after the active system that has a session.</summary>
    public Guest? InOrder
    {
        get
        {
            int active = Guests.ToList().FindIndex(guest => guest.IsActive);
            return Enumerable.Range(1, Guests.Count).Select(i => Guests[(active + i) % Guests.Count])
                .FirstOrDefault(guest => guest.HasSession);
        }
    }

    /// <summary>Whether a system that is named would get the machine.</summary>
    public bool CanHave(Guest guest) => guest.HasSession || (guest.IsOff && HasServices);

    private static GuestTable Of(SwitcherStatus status)
    {
        Guest[] guests = [.. status.Guests.Select(Of)];
        string next = status.Machine.GetValueOrDefault("next", "");
        return new GuestTable(
            guests, IsRunning: true, Array.Find(guests, guest => guest.Digits == next),
            status.Machine.GetValueOrDefault("sleep") == "armed", status.Machine.GetValueOrDefault("services") != "lost", []);
    }

    private static Guest Of(IReadOnlyDictionary<string, string> words)
    {
        ushort.TryParse(words["guest"], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort number);
        return new Guest(
            number, words.GetValueOrDefault("name", ""), words.GetValueOrDefault("state", "?"), SwitcherStatus.Number(words, "bytes"), null,
            words.GetValueOrDefault("sleep") == "machine");
    }

    private static string? TextOf(MemoryRequest request) => request.Unit switch
    {
        MemoryUnit.Percent => string.Create(CultureInfo.InvariantCulture, $"{request.Value}%"),
        MemoryUnit.Bytes => string.Create(CultureInfo.InvariantCulture, $"{request.Value >> 20}M"),
        _ => null,
    };
}

using System;
using Switcher.Boot.Config;
using Switcher.Boot.Plan;
using Switcher.Boot.Text;
using Switcher.Efi.Guests;
using Switcher.Efi.Host;
using Switcher.Hv.Exits;
using Switcher.Hv.State;

namespace Switcher.Efi.Services;

/// <summary>
/// The variable <c>SwitcherStatus</c>: UTF-8 text of lines <c>key=value</c>, first of the machine, then one for each guest. The README says
/// what they mean; <c>switcherctl</c> reads them.
/// </summary>
internal static unsafe class StatusVariable
{
    /// <summary>Bytes of a name at the most: a firmware's menu shows no more.</summary>
    private const int LongestName = 128;

    /// <summary>Asks the hypervisor and writes what there is to say.</summary>
    /// <param name="state">Whom to ask.</param>
    /// <param name="destination">Far more room than is needed.</param>
    /// <returns>Bytes of the text.</returns>
    public static int Write(ServiceState* state, Span<byte> destination)
    {
        Backends.Call(state->Backend, Hypercall.Report, 0, 0);
        HypervisorReport* report = state->Report;
        int length = 0;
        Line(destination, ref length, "version="u8, SwitcherVersion.Text);
        Line(destination, ref length, "backend="u8, Backends.Name(state->Backend));
        NumberLine(destination, ref length, "switches="u8, report->Switches);
        if (report->Switches != 0)
        {
            const ulong Microseconds = 1_000_000;
            OptionLine(destination, ref length, "last-from="u8, state->Guests, report->From);
            OptionLine(destination, ref length, "last-to="u8, state->Guests, report->To);
            NumberLine(destination, ref length, "last-microseconds="u8, report->Ticks * Microseconds / report->TimestampFrequency);
        }

        Line(destination, ref length, "services="u8, report->HasLostServices ? "lost"u8 : "ok"u8);
        Line(destination, ref length, "dma="u8, "not-confined"u8);
        MemoryPlan plan = state->Memory->Plan;
        NumberLine(destination, ref length, "hypervisor-bytes="u8, plan.Hypervisor.Length);
        NumberLine(destination, ref length, "firmware-bytes="u8, plan.FirmwareBytes(state->Memory->FirmwareDescriptors));
        Line(destination, ref length, "sleep="u8, SleepPolicies.OfAll(report->Sleep));
        OptionLine(destination, ref length, "next="u8, state->Guests, report->Next);
        for (int i = 0; i < state->Guests->Count; i++)
            GuestLine(destination, ref length, state, i);
        return length;
    }

    private static void GuestLine(Span<byte> destination, ref int length, ServiceState* state, int index)
    {
        GuestBoot* guest = state->Guests->At(index);
        GuestReport report = state->Report->Guests[index];
        var line = new LogLine("guest="u8);
        line.HexDigits(guest->BootOption, 4);
        line.Word("state"u8, TextOf(report.Phase));
        line.Word("sleep"u8, SleepPolicies.OfGuest(report.Sleep));
        line.Number("restarts"u8, report.Restarts);
        line.Number("exits"u8, report.Exits);
        line.Number("bytes"u8, state->Memory->Plan.PartitionBytes(index));
        line.Key("ranges"u8);
        state->Memory->Plan.AppendRanges(ref line, index);
        line.Text(" name=\""u8);
        Append(destination, ref length, line.Written);

        // A name is UTF-8, which lines of the log are not; it must not look like the end of its quotes, or of the line.
        ReadOnlySpan<byte> name = Shortened(guest->NameText);
        for (int i = 0; i < name.Length; i++)
            Append(destination, ref length, [name[i] < 0x20 ? (byte)'?' : name[i] == (byte)'"' ? (byte)'\'' : name[i]]);
        Append(destination, ref length, "\"\n"u8);
    }

    /// <summary>In whole characters: a byte after a character's first begins with the bits 10 (The Unicode Standard 15.0, 3.9).</summary>
    private static ReadOnlySpan<byte> Shortened(ReadOnlySpan<byte> name)
    {
        int length = Math.Min(name.Length, LongestName);
        while (length < name.Length && length > 0 && (name[length] & 0xC0) == 0x80)
            length--;
        return name.Slice(0, length);
    }

    private static ReadOnlySpan<byte> TextOf(DomainPhase phase) => phase switch
    {
        DomainPhase.Loading => "loading"u8,
        DomainPhase.Parked => "parked"u8,
        DomainPhase.Active => "active"u8,
        DomainPhase.Suspended => "suspended"u8,
        _ => "off"u8,
    };

    private static void OptionLine(Span<byte> destination, ref int length, ReadOnlySpan<byte> key, GuestTable* guests, int guest)
    {
        var line = new LogLine(key);
        if (guest != Domain.Nobody)
            line.HexDigits(guests->At(guest)->BootOption, 4);
        Line(destination, ref length, line.Written, default);
    }

    private static void NumberLine(Span<byte> destination, ref int length, ReadOnlySpan<byte> key, ulong value)
    {
        var line = new LogLine(key);
        line.Decimal(value);
        Line(destination, ref length, line.Written, default);
    }

    private static void Line(Span<byte> destination, ref int length, scoped ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Append(destination, ref length, key);
        Append(destination, ref length, value);
        Append(destination, ref length, "\n"u8);
    }

    private static void Append(Span<byte> destination, ref int length, scoped ReadOnlySpan<byte> text)
    {
        text.CopyTo(destination.Slice(length));
        length += text.Length;
    }
}

using System;
using System.Buffers.Binary;
using Switcher.Boot.Config;
using Switcher.Boot.Plan;
using Switcher.Boot.Text;
using Switcher.Efi.Firmware;
using Switcher.Efi.Guests;
using Switcher.Efi.Loader;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Steps;

/// <summary>
/// The step "config": which boot options become guests, and how. A bad value never stops the boot: it is reported and its default used.
/// </summary>
internal static unsafe class Configuration
{
    // Long enough for a user who wants something else, short enough for one who does not.
    private const ushort DefaultTimeout = 3;

    private const int ReportedProblems = 8;

    /// <summary>Reads the variables and collects the guests.</summary>
    public static bool Read(BootContext* boot)
    {
        if (!boot->Plan.Guests.Create(&boot->Firmware, MemoryPlanner.MaximumGuests))
            return boot->Firmware.Refusal.Because("the firmware has no memory left for Switcher's tables"u8);
        ReadTimeout(boot);
        ReadListedGuests(boot);
        if (boot->Plan.Guests.Count < MemoryPlanner.MinimumGuests)
            FindGuests(boot);

        var line = new LogLine("STEP config"u8);
        line.Number("guests"u8, (ulong)boot->Plan.Guests.Count);
        line.Number("timeout"u8, boot->Timeout);
        line.WriteTo<Log>();
        return boot->Plan.Guests.Count >= MemoryPlanner.MinimumGuests
            || boot->Firmware.Refusal.Because("fewer than two boot options are operating systems on a fixed disk"u8);
    }

    private static void ReadTimeout(BootContext* boot)
    {
        boot->Timeout = DefaultTimeout;
        if (!Variables.TryRead(&boot->Firmware, Variables.SwitcherVendor, "SwitcherTimeout"u8, out ReadOnlySpan<byte> value))
            return;
        if (value.Length == sizeof(ushort))
            boot->Timeout = BinaryPrimitives.ReadUInt16LittleEndian(value);
        else
            Log.Line("WARN SwitcherTimeout: not a UINT16, the default is used"u8);
    }

    private static void ReadListedGuests(BootContext* boot)
    {
        if (!Variables.TryRead(&boot->Firmware, Variables.SwitcherVendor, "SwitcherGuests"u8, out ReadOnlySpan<byte> value))
            return;
        Span<ushort> numbers = stackalloc ushort[MemoryPlanner.MaximumGuests];
        Span<ConfigProblem> problems = stackalloc ConfigProblem[ReportedProblems];
        int count = GuestList.Parse(value, numbers, problems, out int problemCount);
        Report("WARN SwitcherGuests"u8, problems, problemCount);
        for (int i = 0; i < count; i++)
        {
            if (!TryAdd(boot, numbers[i], isListed: true))
                WarnOfOption(numbers[i], "there is no such boot option"u8);
        }
    }

    /// <summary>The default: every active boot option that is an OS loader on a fixed disk, in the firmware's order.</summary>
    private static void FindGuests(BootContext* boot)
    {
        boot->Plan.Guests.Count = 0;
        if (!Variables.TryRead(&boot->Firmware, VariableVendor.Global, "BootOrder"u8, out ReadOnlySpan<byte> order))
            return;
        for (int i = 0; i + 1 < order.Length && boot->Plan.Guests.Count < MemoryPlanner.MaximumGuests; i += 2)
            TryAdd(boot, BinaryPrimitives.ReadUInt16LittleEndian(order.Slice(i)), isListed: false);
    }

    private static bool TryAdd(BootContext* boot, ushort number, bool isListed)
    {
        if (!Variables.TryReadNumbered(
            &boot->Firmware, VariableVendor.Global, "Boot"u8, number, out ReadOnlySpan<byte> variable))
            return false;
        if (BootOption.TryParse(variable, out BootOption option) != BootOptionStatus.Ok)
        {
            WarnOfOption(number, "malformed"u8);
            return isListed;
        }

        // Switcher itself is a boot option as well. A user who lists it anyway is not followed there.
        fixed (byte* path = option.FilePath)
        {
            DevicePath* complete = DevicePaths.Complete(&boot->Firmware, (DevicePath*)path);
            if (complete != null && DevicePaths.IsSwitcher(&boot->Firmware, complete))
                return true;
        }

        if (!isListed && (!option.IsActive || !option.IsLoaderOnFixedDisk))
            return true;
        GuestBoot* guest = boot->Plan.Guests.Add();
        guest->BootOption = number;
        fixed (byte* path = option.FilePath)
            guest->Path = (DevicePath*)path;
        guest->Name = (byte*)boot->Firmware.Allocate((ulong)option.Description.Length * 2);
        if (guest->Name != null)
            guest->NameLength = Utf.ToUtf8(option.Description, new Span<byte>(guest->Name, option.Description.Length * 2));
        fixed (byte* data = option.OptionalData)
            guest->LoadOptions = data;
        guest->LoadOptionsSize = (uint)option.OptionalData.Length;
        ReadGuestOptions(boot, guest);
        return true;
    }

    private static void ReadGuestOptions(BootContext* boot, GuestBoot* guest)
    {
        if (!Variables.TryReadNumbered(
            &boot->Firmware, Variables.SwitcherVendor, "SwitcherGuest"u8, guest->BootOption, out ReadOnlySpan<byte> text))
            return;
        Span<ConfigProblem> problems = stackalloc ConfigProblem[ReportedProblems];
        GuestOptions options = GuestOptions.Parse(text, problems, out int problemCount);
        var start = new LogLine("WARN SwitcherGuest"u8);
        start.HexDigits(guest->BootOption, 4);
        Report(start.Written, problems, problemCount);
        guest->Memory = options.Memory;
        if (options.HasLoadOptions)
        {
            guest->LoadOptions = ToText(boot, options.LoadOptions, out int length);
            guest->LoadOptionsSize = (uint)((length + 1) * sizeof(char));
        }

        if (!options.Initrd.IsEmpty)
            guest->InitialRamDisk = ToText(boot, options.Initrd, out _);
    }

    /// <summary>UTF-16 with a NUL at its end, or null.</summary>
    /// <param name="boot">Whose memory it is put into.</param>
    /// <param name="utf8">The text.</param>
    /// <param name="length">Units without the NUL.</param>
    private static char* ToText(BootContext* boot, ReadOnlySpan<byte> utf8, out int length)
    {
        length = 0;
        char* text = boot->Firmware.Allocate<char>(utf8.Length + 1);
        if (text != null)
            length = Utf.ToUtf16(utf8, new Span<char>(text, utf8.Length));
        return text;
    }

    private static void Report(ReadOnlySpan<byte> start, ReadOnlySpan<ConfigProblem> problems, int count)
    {
        for (int i = 0; i < count && i < problems.Length; i++)
        {
            var line = new LogLine(start);
            line.Text(": "u8);
            line.Text(problems[i].Text);
            line.Number("at"u8, (ulong)problems[i].Position);
            line.WriteTo<Log>();
        }
    }

    private static void WarnOfOption(ushort number, ReadOnlySpan<byte> text)
    {
        var line = new LogLine("WARN Boot"u8);
        line.HexDigits(number, 4);
        line.Text(": "u8);
        line.Text(text);
        line.WriteTo<Log>();
    }
}

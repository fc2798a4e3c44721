using System;
using System.Buffers.Binary;
using Switcher.Boot.Config;
using Switcher.Boot.Plan;
using Switcher.Boot.Text;
using Switcher.Boot.Verdict;
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
        ReadSleep(boot);
        Span<ushort> chosen = stackalloc ushort[MemoryPlanner.MaximumGuests];
        int count = ReadListedGuests(boot, chosen);
        boot->IsListed = count >= MemoryPlanner.MinimumGuests;
        if (!boot->IsListed)
            count = Propose(boot, chosen);
        for (int i = 0; i < count; i++)
            Add(boot, chosen[i]);

        var line = new LogLine("STEP config"u8);
        line.Number("guests"u8, (ulong)boot->Plan.Guests.Count);
        line.Number("timeout"u8, boot->Timeout);
        line.WriteTo<Log>();
        return boot->Firmware.Refusal.Reason.IsEmpty;
    }

    /// <summary>Puts others in the guests' place: the first of them starts first.</summary>
    public static bool Choose(BootContext* boot, scoped ReadOnlySpan<ushort> numbers)
    {
        GuestTable before = boot->Plan.Guests;
        boot->Plan.Guests = default;
        if (!boot->Plan.Guests.Create(&boot->Firmware, MemoryPlanner.MaximumGuests))
            return boot->Firmware.Refusal.Because("the firmware has no memory left for Switcher's tables"u8);
        for (int i = 0; i < numbers.Length; i++)
        {
            int known = 0;
            while (known < before.Count && before.At(known)->BootOption != numbers[i])
                known++;
            if (known == before.Count)
            {
                Add(boot, numbers[i]);
                continue;
            }

            GuestBoot* guest = boot->Plan.Guests.Add();
            int index = guest->Index;
            *guest = *before.At(known);
            guest->Index = index;
        }

        return true;
    }

    private static int Propose(BootContext* boot, scoped Span<ushort> chosen)
    {
        Variables.TryRead(&boot->Firmware, VariableVendor.Global, "BootOrder"u8, out ReadOnlySpan<byte> order);
        var options = new FirmwareOptions(&boot->Firmware, isShown: false);
        var findings = new BootFindings(&boot->Firmware);
        return GuestVerdict.Propose(ref options, order, chosen, ref findings);
    }

    private static void ReadTimeout(BootContext* boot)
    {
        boot->Timeout = DefaultTimeout;
        if (!Variables.TryRead(&boot->Firmware, Variables.SwitcherVendor, "SwitcherTimeout"u8, out ReadOnlySpan<byte> value))
            return;
        if (value.Length == sizeof(ushort))
            boot->Timeout = BinaryPrimitives.ReadUInt16LittleEndian(value);
        else
            boot->Firmware.Warn("WARN SwitcherTimeout: not a UINT16, the default is used"u8);
    }

    private static void ReadSleep(BootContext* boot)
    {
        if (Variables.TryRead(&boot->Firmware, Variables.SwitcherVendor, "SwitcherSleep"u8, out ReadOnlySpan<byte> value)
            && !SleepPolicies.TryParseAll(value, out boot->Plan.Sleep))
            boot->Firmware.Warn("WARN SwitcherSleep: neither switch nor armed, the default is used"u8);
    }

    /// <summary>Reads the list, and takes of it what can run.</summary>
    private static int ReadListedGuests(BootContext* boot, scoped Span<ushort> chosen)
    {
        if (!Variables.TryRead(&boot->Firmware, Variables.SwitcherVendor, "SwitcherGuests"u8, out ReadOnlySpan<byte> value))
            return 0;
        Span<ConfigProblem> problems = stackalloc ConfigProblem[ReportedProblems];
        Span<ushort> numbers = stackalloc ushort[MemoryPlanner.MaximumGuests];
        int count = GuestList.Parse(value, numbers, problems, out int problemCount);
        Report(boot, "WARN SwitcherGuests"u8, problems, problemCount);
        var options = new FirmwareOptions(&boot->Firmware, isShown: true);
        return GuestVerdict.ChooseListed(ref options, numbers.Slice(0, count), chosen);
    }

    private static void Add(BootContext* boot, ushort number)
    {
        var options = new FirmwareOptions(&boot->Firmware, isShown: false);
        if (!options.TryRead(number, out ReadOnlySpan<byte> variable)
            || BootOption.TryParse(variable, out BootOption option) != BootOptionStatus.Ok)
            return;
        GuestBoot* guest = boot->Plan.Guests.Add();
        guest->BootOption = number;
        fixed (byte* path = option.FilePath)
            guest->Path = (DevicePath*)path;
        guest->Name = (byte*)boot->Firmware.Allocate((ulong)option.Description.Length * 2);
        if (guest->Name != null)
            guest->NameLength = Utf.ToUtf8(option.Description, new Span<byte>(guest->Name, option.Description.Length * 2));
        fixed (byte* data = option.OptionalData)
            guest->OptionalData = data;
        guest->OptionalDataSize = (uint)option.OptionalData.Length;
        ReadGuestOptions(boot, guest);
    }

    /// <summary>Reads what the user wants of a guest, at the boot or before it is loaded again.</summary>
    public static void ReadGuestOptions(BootContext* boot, GuestBoot* guest)
    {
        guest->HasNewOptions = false;
        guest->LoadOptions = guest->OptionalData;
        guest->LoadOptionsSize = guest->OptionalDataSize;
        guest->InitialRamDisk = null;
        guest->Sleep = SleepPolicy.Switch;
        if (!Variables.TryReadNumbered(
            &boot->Firmware, Variables.SwitcherVendor, "SwitcherGuest"u8, guest->BootOption, out ReadOnlySpan<byte> text))
            return;

        Span<ConfigProblem> problems = stackalloc ConfigProblem[ReportedProblems];
        GuestOptions options = GuestOptions.Parse(text, problems, out int problemCount);
        var start = new LogLine("WARN SwitcherGuest"u8);
        start.HexDigits(guest->BootOption, 4);
        Report(boot, start.Written, problems, problemCount);
        guest->Memory = options.Memory;
        guest->KeepsLocalTime = options.KeepsLocalTime;
        guest->Sleep = options.Sleep;
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

    private static void Report(BootContext* boot, ReadOnlySpan<byte> start, ReadOnlySpan<ConfigProblem> problems, int count)
    {
        for (int i = 0; i < count && i < problems.Length; i++)
        {
            var line = new LogLine(start);
            line.Text(": "u8);
            line.Text(problems[i].Text);
            line.Number("at"u8, (ulong)problems[i].Position);
            boot->Firmware.Warn(line.Written);
        }
    }
}

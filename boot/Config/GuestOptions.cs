using System;
using Switcher.Boot.Plan;
using Switcher.Boot.Text;

namespace Switcher.Boot.Config;

/// <summary>
/// The variable <c>SwitcherGuest####</c>: lines <c>key=value</c> in UTF-8 about one guest. The texts are views of the variable. Line ends
/// may be LF or CRLF, a NUL ends the text, a byte order mark and blank lines are passed over, and blanks around keys and values do not
/// count.
/// </summary>
public readonly ref struct GuestOptions
{
    /// <summary><c>memory=40%</c>, <c>memory=6144M</c> or <c>memory=6G</c>.</summary>
    public MemoryRequest Memory { get; private init; }

    /// <summary>Whether there is a line <c>options=</c>, which then replaces the boot option's own, even if it is empty.</summary>
    public bool HasLoadOptions { get; private init; }

    /// <summary><c>options=</c>: what the loader is told, in UTF-8.</summary>
    public ReadOnlySpan<byte> LoadOptions { get; private init; }

    /// <summary><c>initrd=</c>: the path of the initial RAM disk on the loader's partition, in UTF-8; empty if there is none.</summary>
    public ReadOnlySpan<byte> Initrd { get; private init; }

    /// <summary><c>clock=local</c> in place of <c>clock=utc</c>: it keeps local time in the real-time clock.</summary>
    public bool KeepsLocalTime { get; private init; }

    /// <summary><c>sleep=switch</c> or <c>sleep=machine</c>: what this guest's request for S3 means.</summary>
    public SleepPolicy Sleep { get; private init; }

    /// <summary>Parses the variable. What is wrong is ignored.</summary>
    /// <param name="text">The variable's bytes.</param>
    /// <param name="problems">Receives the first problems.</param>
    /// <param name="problemCount">How many problems there are, also those that did not fit.</param>
    public static GuestOptions Parse(ReadOnlySpan<byte> text, Span<ConfigProblem> problems, out int problemCount)
    {
        ProblemList list = new(problems);
        MemoryRequest memory = default;
        ReadOnlySpan<byte> loadOptions = default;
        ReadOnlySpan<byte> initrd = default;
        bool keepsLocalTime = false;
        bool hasClock = false;
        SleepPolicy sleep = SleepPolicy.Switch;
        bool hasMemory = false;
        bool hasSleep = false;
        bool hasLoadOptions = false;
        bool hasInitrd = false;
        foreach (TextLine line in new TextLines(text))
        {
            int equals = line.Text.IndexOf((byte)'=');
            if (!Utf.IsValidUtf8(line.Text))
            {
                list.Add(ConfigProblemKind.BadText, line.Number);
                continue;
            }

            if (equals <= 0)
            {
                list.Add(ConfigProblemKind.NotKeyValue, line.Number);
                continue;
            }

            ReadOnlySpan<byte> key = TextLines.Trim(line.Text[..equals]);
            ReadOnlySpan<byte> value = TextLines.Trim(line.Text[(equals + 1)..]);
            if (key.SequenceEqual("memory"u8))
            {
                if (!TryParseMemory(value, out MemoryRequest request))
                {
                    list.Add(ConfigProblemKind.BadMemory, line.Number);
                    continue;
                }

                NoteRepetition(ref hasMemory, line.Number, ref list);
                memory = request;
            }
            else if (key.SequenceEqual("options"u8))
            {
                NoteRepetition(ref hasLoadOptions, line.Number, ref list);
                loadOptions = value;
            }
            else if (key.SequenceEqual("initrd"u8))
            {
                NoteRepetition(ref hasInitrd, line.Number, ref list);
                initrd = value;
            }
            else if (key.SequenceEqual("clock"u8))
            {
                bool isLocal = value.SequenceEqual("local"u8);
                if (!isLocal && !value.SequenceEqual("utc"u8))
                {
                    list.Add(ConfigProblemKind.BadClock, line.Number);
                    continue;
                }

                NoteRepetition(ref hasClock, line.Number, ref list);
                keepsLocalTime = isLocal;
            }
            else if (key.SequenceEqual("sleep"u8))
            {
                if (!SleepPolicies.TryParseOfGuest(value, out SleepPolicy policy))
                {
                    list.Add(ConfigProblemKind.BadSleep, line.Number);
                    continue;
                }

                NoteRepetition(ref hasSleep, line.Number, ref list);
                sleep = policy;
            }
            else
            {
                list.Add(ConfigProblemKind.UnknownKey, line.Number);
            }
        }

        problemCount = list.Count;
        return new GuestOptions
        {
            Memory = memory,
            HasLoadOptions = hasLoadOptions,
            LoadOptions = loadOptions,
            Initrd = initrd,
            KeepsLocalTime = keepsLocalTime,
            Sleep = sleep,
        };
    }

    private static void NoteRepetition(ref bool seen, int line, ref ProblemList problems)
    {
        if (seen)
            problems.Add(ConfigProblemKind.RepeatedKey, line);
        seen = true;
    }

    private static bool TryParseMemory(ReadOnlySpan<byte> value, out MemoryRequest request)
    {
        const ulong mebibyte = 1024 * 1024;

        // No machine has an EiB: stopping there keeps all the arithmetic in range.
        const ulong most = 1UL << 40;
        request = default;
        ulong number = 0;
        int digits = 0;
        while (digits < value.Length && value[digits] is >= (byte)'0' and <= (byte)'9')
        {
            number = (number * 10) + (ulong)(value[digits] - '0');
            digits++;
            if (number > most / 1024)
                return false;
        }

        if (digits == 0 || digits != value.Length - 1 || number == 0)
            return false;

        switch (value[digits])
        {
            case (byte)'%' when number <= 100:
                request = MemoryRequest.FromPercent((uint)number);
                return true;
            case (byte)'M' or (byte)'m':
                request = MemoryRequest.FromBytes(number * mebibyte);
                return true;
            case (byte)'G' or (byte)'g':
                request = MemoryRequest.FromBytes(number * 1024 * mebibyte);
                return true;
            default:
                return false;
        }
    }
}

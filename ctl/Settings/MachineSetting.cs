using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using Switcher.Boot.Config;
using Switcher.Boot.Plan;
using Switcher.Ctl.Check;
using Switcher.Ctl.Live;
using Switcher.Ctl.Systems;

namespace Switcher.Ctl.Settings;

/// <summary>One of the settings of the machine, each a variable of its own.</summary>
public abstract class MachineSetting
{
    private MachineSetting(string key, string effect)
    {
        Key = key;
        Variable = "Switcher" + char.ToUpperInvariant(key[0]) + key[1..];
        Effect = effect;
    }

    public static IReadOnlyList<MachineSetting> All { get; } = [new GuestsSetting(), new SleepSetting(), new TimeoutSetting()];

    /// <summary>What a user calls it.</summary>
    public string Key { get; }

    /// <summary>The variable's name.</summary>
    public string Variable { get; }

    /// <summary>When a change counts, under a Switcher that runs.</summary>
    public string Effect { get; }

    /// <summary>What counts where there is no variable, in words.</summary>
    public abstract string Default { get; }

    /// <summary>The setting of that name, or of that variable; null if it is none.</summary>
    public static MachineSetting? Find(string name) => All.FirstOrDefault(setting =>
        setting.Key.Equals(name, StringComparison.OrdinalIgnoreCase) || setting.Variable.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>What a user wrote as the variable's bytes, which the boot takes without a complaint.</summary>
    /// <exception cref="CtlFailure">It would complain; the message is its own.</exception>
    public abstract byte[] Parse(LinuxFiles files, IReadOnlyList<string> words);

    /// <summary>A variable's bytes as a user would write them, or null if the boot would not take them so.</summary>
    public abstract string? Format(ReadOnlySpan<byte> value);

    private protected static CtlFailure Bad(string complaint) => new(ExitStatus.BadValue, complaint);

    private sealed class GuestsSetting() : MachineSetting("guests", "at the machine's next start")
    {
        public override string Default => "the menu asks";

        public override byte[] Parse(LinuxFiles files, IReadOnlyList<string> words)
        {
            IReadOnlyList<NamedSystem> menu = BootMenu.Read(files);
            NamedSystem[] systems = [.. words.Select(word => SystemNames.Find(word, menu))];
            byte[] value = new byte[systems.Length * sizeof(ushort)];
            for (int i = 0; i < systems.Length; i++)
                BinaryPrimitives.WriteUInt16LittleEndian(value.AsSpan(i * sizeof(ushort)), systems[i].Number);
            ConfigProblem[] problems = new ConfigProblem[1];
            GuestList.Parse(value, new ushort[MemoryPlanner.MaximumGuests], problems, out int count);
            if (count != 0)
                throw Bad($"guests: {Encoding.ASCII.GetString(problems[0].Text)}; give two systems or more, each once.");

            // Beyond its form: what the boot would leave out.
            Judgement judgement = new();
            List<GuestOption> chosen = FirmwareOptions.ReadGuests(files, value, judgement);
            if (!chosen.Select(guest => guest.Number).SequenceEqual(systems.Select(system => system.Number)))
                throw Bad($"guests: {string.Join("; ", judgement.Reasons)}.");
            return value;
        }

        public override string? Format(ReadOnlySpan<byte> value)
        {
            ushort[] guests = new ushort[MemoryPlanner.MaximumGuests];
            int count = GuestList.Parse(value, guests, default, out int problems);
            return problems != 0 ? null
                : string.Join(' ', guests.Take(count).Select(guest => guest.ToString("X4", CultureInfo.InvariantCulture)));
        }
    }

    private sealed class SleepSetting() : MachineSetting("sleep", "at once")
    {
        public override string Default => Encoding.ASCII.GetString(SleepPolicies.OfAll(SleepPolicy.Switch));

        public override byte[] Parse(LinuxFiles files, IReadOnlyList<string> words)
        {
            byte[] value = Encoding.UTF8.GetBytes(string.Join(' ', words));
            return SleepPolicies.TryParseAll(value, out _) ? value : throw Bad("sleep: neither switch nor armed.");
        }

        public override string? Format(ReadOnlySpan<byte> value) =>
            SleepPolicies.TryParseAll(value, out SleepPolicy policy) ? Encoding.ASCII.GetString(SleepPolicies.OfAll(policy)) : null;
    }

    private sealed class TimeoutSetting() : MachineSetting("timeout", "at the machine's next start")
    {
        public override string Default => "3";

        public override byte[] Parse(LinuxFiles files, IReadOnlyList<string> words)
        {
            if (words.Count != 1 || !ushort.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out ushort seconds))
                throw Bad($"timeout: not a number of seconds from 0 to {ushort.MaxValue}.");
            byte[] value = new byte[sizeof(ushort)];
            BinaryPrimitives.WriteUInt16LittleEndian(value, seconds);
            return value;
        }

        public override string? Format(ReadOnlySpan<byte> value) => value.Length != sizeof(ushort)
            ? null
            : BinaryPrimitives.ReadUInt16LittleEndian(value).ToString(CultureInfo.InvariantCulture);
    }
}

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Switcher.Boot.Config;
using Switcher.Ctl.Live;
using Switcher.Ctl.Systems;

namespace Switcher.Ctl.Install;

/// <summary>A boot option that starts Switcher, and where the firmware has it in its order.</summary>
/// <param name="Number">Of the option.</param>
/// <param name="Value">Its variable.</param>
public sealed record SwitcherOption(ushort Number, byte[] Value)
{
    public const string Label = "Switcher";

    /// <summary>The variable's name.</summary>
    public string Variable => VariableOf(Number);

    /// <summary>The name of an option's variable.</summary>
    public static string VariableOf(ushort number) => $"Boot{number:X4}";

    /// <summary>Those that name Switcher's file, on any partition.</summary>
    public static IReadOnlyList<SwitcherOption> FindAll(LinuxFiles files) =>
        [.. BootMenu.ReadValues(files).Where(option => IsSwitcher(option.Value))
            .Select(option => new SwitcherOption(option.Key, option.Value))];

    /// <summary>The option that starts what is on a partition: UEFI 2.10, 3.1.3 "Load Options".</summary>
    public static byte[] Make(GuidPartition partition)
    {
        const uint Active = 1;
        byte[] file = [.. Encoding.Unicode.GetBytes(SystemPartition.LoaderPath), 0, 0];

        // 10.3.5.1 "Hard Drive Media Device Path", 10.3.5.4 "File Path Media Device Path", 10.3.1 for the end.
        byte[] disk = new byte[42];
        (disk[0], disk[1], disk[2]) = (4, 1, (byte)disk.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(disk.AsSpan(4), partition.Number);
        BinaryPrimitives.WriteUInt64LittleEndian(disk.AsSpan(8), partition.Start);
        BinaryPrimitives.WriteUInt64LittleEndian(disk.AsSpan(16), partition.Blocks);
        partition.Id.TryWriteBytes(disk.AsSpan(24));
        (disk[40], disk[41]) = (2, 2);
        byte[] path = [.. disk, 4, 4, (byte)(4 + file.Length), 0, .. file, 0x7F, 0xFF, 4, 0];

        byte[] head = new byte[6];
        BinaryPrimitives.WriteUInt32LittleEndian(head, Active);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(4), (ushort)path.Length);
        return [.. head, .. Encoding.Unicode.GetBytes(Label), 0, 0, .. path];
    }

    /// <summary>Whether it starts what is on a partition, whatever else it says.</summary>
    public bool IsOn(GuidPartition partition)
    {
        byte[] wanted = Make(partition);
        return BootOption.TryParse(Value, out BootOption own) == BootOptionStatus.Ok
            && BootOption.TryParse(wanted, out BootOption other) == BootOptionStatus.Ok && LoaderPath.AreEqual(own, other);
    }

    private static bool IsSwitcher(byte[] value) => BootOption.TryParse(value, out BootOption option) == BootOptionStatus.Ok
        && FirmwareOptions.FileOf(option).Replace('/', '\\').Equals(SystemPartition.LoaderPath, StringComparison.OrdinalIgnoreCase);
}

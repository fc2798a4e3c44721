using System;
using System.Buffers.Binary;

namespace Switcher.Boot.Config;

/// <summary>UEFI 2.10, 3.1.3 "Load Options": the attributes that matter here.</summary>
[Flags]
public enum LoadOptionAttributes : uint
{
    None = 0,
    Active = 0x1,
    ForceReconnect = 0x2,
    Hidden = 0x8,
    CategoryMask = 0x1F00,
    CategoryApplication = 0x100,
}

public enum BootOptionStatus
{
    Ok,

    /// <summary>The variable ends before its fixed fields or its file path list do.</summary>
    TooShort,

    /// <summary>The description has no end.</summary>
    UnterminatedDescription,

    /// <summary>The first device path is not well formed.</summary>
    MalformedFilePath,
}

/// <summary>The variable <c>Boot####</c>: UEFI 2.10, 3.1.3 "Load Options", EFI_LOAD_OPTION. All parts are views of the variable.</summary>
public readonly ref struct BootOption
{
    private const int FixedBytes = 6;

    public LoadOptionAttributes Attributes { get; private init; }

    /// <summary>UTF-16, without the NUL.</summary>
    public ReadOnlySpan<byte> Description { get; private init; }

    /// <summary>The device path of the loader, with its end node.</summary>
    public ReadOnlySpan<byte> FilePath { get; private init; }

    /// <summary>What the loader gets as its load options.</summary>
    public ReadOnlySpan<byte> OptionalData { get; private init; }

    public bool IsActive => (Attributes & LoadOptionAttributes.Active) != 0;

    /// <summary>
    /// Whether this is, as far as the option tells, an OS loader on a disk that stays in the machine: a file on a partition, not reached
    /// through USB or a network.
    /// </summary>
    public bool IsLoaderOnFixedDisk
    {
        get
        {
            bool hasPartition = false;
            bool hasFile = false;
            foreach (DevicePathNode node in new DevicePathReader(FilePath))
            {
                if (node.IsRemovable)
                    return false;
                hasPartition |= node.TryGetHardDrive(out _);
                hasFile |= node.IsFilePath;
            }

            return hasPartition && hasFile && (Attributes & LoadOptionAttributes.CategoryMask) == 0;
        }
    }

    /// <summary>Parses the variable, which may hold anything.</summary>
    public static BootOptionStatus TryParse(ReadOnlySpan<byte> variable, out BootOption option)
    {
        option = default;
        if (variable.Length < FixedBytes)
            return BootOptionStatus.TooShort;

        ReadOnlySpan<byte> rest = variable[FixedBytes..];
        int description = 0;
        while (description + 1 < rest.Length && (rest[description] | rest[description + 1]) != 0)
            description += 2;
        if (description + 1 >= rest.Length)
            return BootOptionStatus.UnterminatedDescription;

        int paths = BinaryPrimitives.ReadUInt16LittleEndian(variable[4..]);
        ReadOnlySpan<byte> afterDescription = rest[(description + 2)..];
        if (paths > afterDescription.Length)
            return BootOptionStatus.TooShort;

        // The list may hold further paths, whose meaning is the OS's own; the first is the loader's.
        DevicePathReader reader = new(afterDescription[..paths]);
        while (reader.MoveNext())
        {
        }

        if (reader.IsMalformed)
            return BootOptionStatus.MalformedFilePath;

        option = new BootOption
        {
            Attributes = (LoadOptionAttributes)BinaryPrimitives.ReadUInt32LittleEndian(variable),
            Description = rest[..description],
            FilePath = afterDescription[..reader.Length],
            OptionalData = afterDescription[paths..],
        };
        return BootOptionStatus.Ok;
    }
}

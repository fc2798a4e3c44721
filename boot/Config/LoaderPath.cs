using System;

namespace Switcher.Boot.Config;

/// <summary>Where a boot option's loader is: names as file systems of firmware compare them, without regard to case.</summary>
public static class LoaderPath
{
    /// <summary>UEFI 2.10, 3.5.1.1 "Removable Media Boot Behavior": what firmware starts from a disk that has no boot option.</summary>
    private static ReadOnlySpan<byte> Fallback => "EFI\\BOOT\\BOOTX64.EFI"u8;

    /// <summary>Whether the loader is the one that firmware starts without being told of any.</summary>
    public static bool IsFallback(in BootOption option)
    {
        var walk = new Walk(option.FilePath);
        ReadOnlySpan<byte> wanted = Fallback;
        for (int i = 0; i < wanted.Length; i++)
        {
            if (!walk.TryNext(out char unit) || unit != Folded((char)wanted[i]))
                return false;
        }

        return !walk.TryNext(out _);
    }

    /// <summary>Whether two options name one and the same file of one and the same partition.</summary>
    public static bool AreEqual(in BootOption a, in BootOption b)
    {
        if (!AreOnOnePartition(a, b))
            return false;
        var first = new Walk(a.FilePath);
        var second = new Walk(b.FilePath);
        while (true)
        {
            bool isMore = first.TryNext(out char left);
            if (isMore != second.TryNext(out char right) || left != right)
                return false;
            if (!isMore)
                return true;
        }
    }

    /// <summary>Whether two options start one and the same file and tell it the same.</summary>
    public static bool AreIdentical(in BootOption a, in BootOption b) => AreEqual(a, b) && a.OptionalData.SequenceEqual(b.OptionalData);

    /// <summary>Whether the loaders of two options are on one partition, as far as the options tell.</summary>
    public static bool AreOnOnePartition(in BootOption a, in BootOption b) =>
        TryGetPartition(a, out HardDriveNode first) && TryGetPartition(b, out HardDriveNode second)
            && first.SignatureType == second.SignatureType && first.PartitionNumber == second.PartitionNumber
            && first.PartitionSignature.SequenceEqual(second.PartitionSignature);

    /// <summary>The loader's file name, ASCII in lower case without the extension.</summary>
    /// <param name="option">The option.</param>
    /// <param name="name">Receives it; what has no room, or is not ASCII, is left out.</param>
    /// <returns>How long it is.</returns>
    public static int FileName(in BootOption option, Span<byte> name) => NameOf(new Walk(option.FilePath), name);

    /// <summary>The file name in load options that begin with a path, as a shim takes one.</summary>
    /// <param name="option">The option.</param>
    /// <param name="name">As for <see cref="FileName"/>.</param>
    public static int FileNameInOptions(in BootOption option, Span<byte> name)
    {
        ReadOnlySpan<byte> data = option.OptionalData;
        return data.Length >= 2 && data[0] == '\\' && data[1] == 0 ? NameOf(Walk.OfText(data), name) : 0;
    }

    private static int NameOf(Walk walk, Span<byte> name)
    {
        int length = 0;
        bool isExtension = false;
        while (walk.TryNext(out char unit))
        {
            if (unit == '\\')
                (length, isExtension) = (0, false);
            else if (unit == '.')
                isExtension = true;
            else if (!isExtension && unit < 0x80 && length < name.Length)
                name[length++] = (byte)unit;
        }

        return length;
    }

    private static bool TryGetPartition(in BootOption option, out HardDriveNode partition)
    {
        partition = default;
        foreach (DevicePathNode node in new DevicePathReader(option.FilePath))
        {
            if (node.TryGetHardDrive(out partition))
                return true;
        }

        return false;
    }

    private static char Folded(char unit) => unit is >= 'A' and <= 'Z' ? (char)(unit | 0x20) : unit == '/' ? '\\' : unit;

    /// <summary>The units of a path, folded; separators are single, and there is none in front.</summary>
    private ref struct Walk
    {
        private DevicePathReader _nodes;
        private ReadOnlySpan<byte> _text;
        private bool _hasNodes;
        private bool _isSeparated;
        private bool _hasBegun;
        private char _pending;

        public Walk(ReadOnlySpan<byte> path)
        {
            _nodes = new DevicePathReader(path);
            _hasNodes = true;
        }

        public static Walk OfText(ReadOnlySpan<byte> utf16) => new() { _text = utf16 };

        public bool TryNext(out char unit)
        {
            while (TryNextUnit(out unit))
            {
                unit = Folded(unit);
                if (unit == '\\')
                {
                    _isSeparated = true;
                    continue;
                }

                // The separator first, and this unit at the next call.
                if (_isSeparated && _hasBegun)
                {
                    _isSeparated = false;
                    _pending = unit;
                    unit = '\\';
                    return true;
                }

                _isSeparated = false;
                _hasBegun = true;
                return true;
            }

            return false;
        }

        private bool TryNextUnit(out char unit)
        {
            unit = _pending;
            _pending = '\0';
            if (unit != '\0')
                return true;
            while (_text.Length < 2 || (_text[0] | _text[1]) == 0)
            {
                if (!TryNextNode())
                    return false;
            }

            unit = (char)(_text[0] | (_text[1] << 8));
            _text = _text[2..];
            return true;
        }

        private bool TryNextNode()
        {
            _text = default;
            while (_hasNodes && _nodes.MoveNext())
            {
                if (!_nodes.Current.IsFilePath)
                    continue;

                // Nodes are parts of a path, with or without separators of their own.
                _text = _nodes.Current.FilePath;
                _isSeparated = true;
                return true;
            }

            return false;
        }
    }
}

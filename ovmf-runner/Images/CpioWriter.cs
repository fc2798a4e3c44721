using System;
using System.Globalization;
using System.IO;
using System.Text;

namespace Switcher.Runner.Images;

/// <summary>
/// Writes a cpio archive in the "newc" format, which Linux unpacks as its initial root file system
/// (Linux documentation, "initramfs buffer format"). Every entry belongs to root and carries no time, so equal content gives equal bytes.
/// </summary>
public sealed class CpioWriter(Stream output) : IDisposable
{
    private const int Alignment = 4;
    private const uint Directory = 0x4000;
    private const uint RegularFile = 0x8000;
    private const uint SymbolicLink = 0xA000;
    private const uint CharacterDevice = 0x2000;

    private long _position;
    private uint _inode;

    /// <summary>Adds a directory that everybody may enter. Parents come before what they hold.</summary>
    public void AddDirectory(string path) => Add(path, Directory | 0x1ED, []);

    /// <summary>Adds a file that only root may write; with <paramref name="executable"/> everybody may run it.</summary>
    public void AddFile(string path, ReadOnlySpan<byte> content, bool executable = false) =>
        Add(path, RegularFile | (executable ? 0x1EDu : 0x1A4u), content);

    /// <summary>Adds a symbolic link.</summary>
    public void AddLink(string path, string target) => Add(path, SymbolicLink | 0x1FF, Encoding.UTF8.GetBytes(target));

    /// <summary>Adds a character device that only root may use.</summary>
    public void AddCharacterDevice(string path, uint major, uint minor) => Add(path, CharacterDevice | 0x180, [], major, minor);

    /// <summary>Ends the archive; the stream below stays open.</summary>
    public void Dispose() => Add("TRAILER!!!", 0, []);

    private void Add(string path, uint mode, ReadOnlySpan<byte> content, uint major = 0, uint minor = 0)
    {
        byte[] name = [.. Encoding.UTF8.GetBytes(path.TrimStart('/')), 0];
        uint inode = mode == 0 ? 0 : ++_inode;
        uint links = (mode & 0xF000) == Directory ? 2u : 1u;
        ReadOnlySpan<uint> fields = [inode, mode, 0, 0, links, 0, (uint)content.Length, 0, 0, major, minor, (uint)name.Length, 0];
        var header = new StringBuilder("070701");
        foreach (uint field in fields)
            header.Append(CultureInfo.InvariantCulture, $"{field:X8}");
        Write(Encoding.ASCII.GetBytes(header.ToString()));
        Write(name);
        Pad();
        Write(content);
        Pad();
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        output.Write(bytes);
        _position += bytes.Length;
    }

    private void Pad() => Write(stackalloc byte[(int)(-_position & (Alignment - 1))]);
}

using System;
using System.IO;

namespace Switcher.Ctl.Live;

/// <summary>
/// The files of a running Linux, or of a directory that looks like one. What is not there, or not allowed, reads as null.
/// </summary>
public sealed class LinuxFiles
{
    private readonly string _root;

    /// <param name="root"><c>/</c>, except in tests.</param>
    public LinuxFiles(string root) => _root = root;

    public string Path(string path) => System.IO.Path.Join(_root, path);

    public bool Exists(string path) => File.Exists(Path(path)) || Directory.Exists(Path(path));

    public string? ReadText(string path) => Try(() => File.ReadAllText(Path(path)));

    public byte[]? ReadBytes(string path) => Try(() => File.ReadAllBytes(Path(path)));

    /// <summary>The first bytes of a file or block device.</summary>
    public byte[]? ReadStart(string path, int length) => Try(() =>
    {
        using FileStream stream = File.OpenRead(Path(path));
        byte[] bytes = new byte[length];
        return bytes[..stream.ReadAtLeast(bytes, length, throwOnEndOfStream: false)];
    });

    /// <summary>
    /// What one read gives. The size of some files of the kernel's is not known before, and another read may find another content.
    /// </summary>
    public byte[]? ReadOnce(string path, int most) => Try(() =>
    {
        using FileStream stream = new(Path(path), FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        byte[] bytes = new byte[most];
        return bytes[..stream.Read(bytes)];
    });

    /// <summary>Names (not paths) of the entries of a directory; none when there is no such directory.</summary>
    public string[] List(string path) => Try(() =>
    {
        string[] entries = Directory.GetFileSystemEntries(Path(path));
        for (int i = 0; i < entries.Length; i++)
            entries[i] = System.IO.Path.GetFileName(entries[i]);
        Array.Sort(entries, StringComparer.Ordinal);
        return entries;
    }) ?? [];

    private static T? Try<T>(Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

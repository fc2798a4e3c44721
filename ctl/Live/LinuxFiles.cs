using System;
using System.IO;
using System.Text;

namespace Switcher.Ctl.Live;

/// <summary>
/// The files of a running Linux, or of a directory that looks like one. What is not there, or not allowed, reads as null; a write
/// that fails throws.
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

    /// <summary>One read of a file that is made if it is not there.</summary>
    public byte[]? CreateAndRead(string path, int most) => Try(() =>
    {
        using FileStream stream = new(Path(path), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        byte[] bytes = new byte[most];
        return bytes[..stream.Read(bytes)];
    });

    /// <summary>
    /// Gives a file other contents in one call of the kernel's, and makes it if it is not there. Files of the kernel's that begin anew with
    /// each write need no shortening and have no position.
    /// </summary>
    /// <exception cref="IOException">The kernel did not take them.</exception>
    /// <exception cref="UnauthorizedAccessException">That is not allowed.</exception>
    public void WriteOnce(string path, byte[] bytes)
    {
        using FileStream stream = new(Path(path), FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        stream.Write(bytes);
        if (stream.CanSeek)
            stream.SetLength(stream.Position);
    }

    /// <summary>Writes a word to a file of the kernel's that is there, in one call.</summary>
    /// <exception cref="IOException">The kernel did not take it.</exception>
    /// <exception cref="UnauthorizedAccessException">That is not allowed.</exception>
    public void WriteWord(string path, string word)
    {
        using FileStream stream = new(Path(path), FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        stream.Write(Encoding.ASCII.GetBytes(word));
    }

    /// <summary>
    /// Gives a file on a disk other contents, and makes it and its folders if they are not there. Who looks finds the old contents or the
    /// new ones, also after a power cut.
    /// </summary>
    /// <exception cref="IOException">It has its old contents.</exception>
    /// <exception cref="UnauthorizedAccessException">That is not allowed.</exception>
    public void Replace(string path, byte[] bytes)
    {
        string full = Path(path);
        string beside = full + ".new";
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(full)!);
        try
        {
            using (FileStream stream = new(beside, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                stream.SetLength(0);
                stream.Write(bytes);
                stream.Flush(flushToDisk: true);
            }
            File.Move(beside, full, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }

    /// <summary>Deletes a folder, if it is there and empty.</summary>
    public void DeleteEmpty(string path)
    {
        if (Directory.Exists(Path(path)) && Directory.GetFileSystemEntries(Path(path)).Length == 0)
            Directory.Delete(Path(path));
    }

    /// <summary>Deletes a file, if it is there.</summary>
    public void Delete(string path) => File.Delete(Path(path));

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

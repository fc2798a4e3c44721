using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;

namespace Switcher.Runner.Flash;

/// <summary>
/// The writes that QEMU's filter <c>blklogwrites</c> recorded, in the format of the Linux kernel's device mapper (Linux documentation,
/// "dm-log-writes"): a sector that describes the log, then for each write a sector that describes it, and its data.
/// </summary>
public sealed class FlashWriteLog : IDisposable
{
    private const ulong Magic = 0x006A_7366_7773_6872;
    private const ulong Version = 1;
    private const int SuperBytes = 28;
    private const int EntryBytes = 32;
    private const int SmallestSector = 512;
    private const int LargestSector = 1 << 20;

    private readonly Stream _log;

    private FlashWriteLog(Stream log, IReadOnlyList<FlashWrite> writes)
    {
        _log = log;
        Writes = writes;
    }

    /// <summary>What an entry is besides a write. A write that also asks for a flush is a write.</summary>
    [Flags]
    private enum EntryFlags : ulong
    {
        Flush = 1 << 0,
        ForceUnitAccess = 1 << 1,
    }

    /// <summary>All of them, in the order in which they were made.</summary>
    public IReadOnlyList<FlashWrite> Writes { get; }

    /// <summary>How many writes are recorded by now; the machine may still run.</summary>
    /// <exception cref="InvalidDataException">This is no such log.</exception>
    public static int Count(string file)
    {
        using FileStream log = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return log.Length == 0 ? 0 : ReadSuper(log).Entries;
    }

    /// <summary>Reads a log of a machine that has ended.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or ends before its last write.</exception>
    public static FlashWriteLog Read(string file)
    {
        FileStream log = new(file, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            return Read(log);
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    /// <summary>Reads a log.</summary>
    /// <param name="log">Disposed together with the result.</param>
    /// <exception cref="InvalidDataException">It is damaged, or ends before its last write.</exception>
    public static FlashWriteLog Read(Stream log)
    {
        (int count, int sectorBytes) = ReadSuper(log);
        if (count > log.Length / sectorBytes)
            throw new InvalidDataException($"the log of flash writes names {count} writes and has no room for them");
        var writes = new List<FlashWrite>(count);
        long next = sectorBytes;
        Span<byte> entry = stackalloc byte[EntryBytes];
        for (int i = 0; i < count; i++)
        {
            Read(log, next, entry);
            ulong sector = BinaryPrimitives.ReadUInt64LittleEndian(entry);
            ulong sectors = BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]);
            var flags = (EntryFlags)BinaryPrimitives.ReadUInt64LittleEndian(entry[16..]);
            if ((flags & ~(EntryFlags.Flush | EntryFlags.ForceUnitAccess)) != 0)
                throw new InvalidDataException($"entry {i} of the log of flash writes is no write: flags 0x{(ulong)flags:X}");
            long data = next + sectorBytes;
            if (sectors > (ulong)(Math.Max(log.Length - data, 0) / sectorBytes) || sector > (ulong)(long.MaxValue / sectorBytes))
                throw new InvalidDataException($"the log of flash writes ends in entry {i}");
            long bytes = (long)sectors * sectorBytes;
            if (bytes > int.MaxValue)
                throw new InvalidDataException($"entry {i} of the log of flash writes has {bytes} bytes");
            writes.Add(new FlashWrite((long)sector * sectorBytes, (int)bytes, data));
            next = data + bytes;
        }

        return new FlashWriteLog(log, writes);
    }

    /// <summary>Reads what a write wrote.</summary>
    /// <param name="data">As long as the write.</param>
    public void ReadData(FlashWrite write, Span<byte> data) => Read(_log, write.LogOffset, data);

    /// <inheritdoc/>
    public void Dispose() => _log.Dispose();

    private static (int Entries, int SectorBytes) ReadSuper(Stream log)
    {
        Span<byte> super = stackalloc byte[SuperBytes];
        Read(log, 0, super);
        if (BinaryPrimitives.ReadUInt64LittleEndian(super) != Magic)
            throw new InvalidDataException("this is no log of flash writes");
        ulong version = BinaryPrimitives.ReadUInt64LittleEndian(super[8..]);
        if (version != Version)
            throw new InvalidDataException($"the log of flash writes has version {version}, not {Version}");
        ulong entries = BinaryPrimitives.ReadUInt64LittleEndian(super[16..]);
        uint sectorBytes = BinaryPrimitives.ReadUInt32LittleEndian(super[24..]);
        if (sectorBytes is < SmallestSector or > LargestSector || !uint.IsPow2(sectorBytes))
            throw new InvalidDataException($"the log of flash writes has sectors of {sectorBytes} bytes");
        if (entries > int.MaxValue)
            throw new InvalidDataException($"the log of flash writes names {entries} writes");
        return ((int)entries, (int)sectorBytes);
    }

    private static void Read(Stream log, long offset, Span<byte> bytes)
    {
        if (offset > log.Length - bytes.Length)
            throw new InvalidDataException($"the log of flash writes ends at byte {log.Length}");
        log.Position = offset;
        log.ReadExactly(bytes);
    }
}

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;

namespace Switcher.Tests.Runner;

/// <summary>Logs of flash writes as QEMU makes them, for tests.</summary>
internal static class LogOfWrites
{
    public const int SectorBytes = 512;

    /// <summary>Writes a log.</summary>
    /// <param name="writes">The first sector of each write, and the data, whole sectors; no data is a flush.</param>
    public static byte[] Make(params IReadOnlyList<(ulong Sector, byte[] Data)> writes)
    {
        var log = new MemoryStream();
        byte[] super = new byte[SectorBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(super, 0x006A_7366_7773_6872);
        BinaryPrimitives.WriteUInt64LittleEndian(super.AsSpan(8), 1);
        BinaryPrimitives.WriteUInt64LittleEndian(super.AsSpan(16), (ulong)writes.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(super.AsSpan(24), SectorBytes);
        log.Write(super);
        foreach ((ulong sector, byte[] data) in writes)
        {
            byte[] entry = new byte[SectorBytes];
            BinaryPrimitives.WriteUInt64LittleEndian(entry, sector);
            BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(8), (ulong)(data.Length / SectorBytes));
            BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(16), data.Length == 0 ? 1u : 0);
            log.Write(entry);
            log.Write(data);
        }

        return log.ToArray();
    }

    /// <summary>A sector of equal bytes.</summary>
    public static byte[] Sector(byte value)
    {
        byte[] sector = new byte[SectorBytes];
        sector.AsSpan().Fill(value);
        return sector;
    }
}

using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Switcher.Tests.Loader.Firmware;

/// <summary>
/// The RAM of the fake machine, at the process's own addresses: the boot side takes a physical address for a pointer, as UEFI does. What a
/// test before has left there stays, as on a machine.
/// </summary>
internal static partial class PhysicalMemory
{
    public const ulong HeapStart = 0x2000_0000;
    public const ulong HeapLength = 64UL << 20;
    public const ulong PartitionsStart = 0x3000_0000;
    public const ulong PartitionLength = 32UL << 20;
    public const int Partitions = 3;

    private const int ProtectReadWrite = 3;
    private const int MapPrivateAnonymousFixedNoReserve = 0x2 | 0x20 | 0x4000 | 0x10_0000;

    private static readonly HashSet<ulong> s_mapped = [];

    /// <summary>Maps it, once a process.</summary>
    public static void Map()
    {
        Map(HeapStart, HeapLength);
        Map(PartitionsStart, Partitions * PartitionLength);
    }

    /// <summary>Maps more of it, once a process.</summary>
    public static void Map(ulong start, ulong length)
    {
        if (!s_mapped.Add(start))
            return;
        nint address = Mmap((nint)start, (nuint)length, ProtectReadWrite, MapPrivateAnonymousFixedNoReserve, -1, 0);
        if (address != (nint)start)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"no memory at {start:x}");
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Mmap(nint address, nuint length, int protection, int flags, int file, nint offset);
}

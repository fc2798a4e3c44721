using System;
using Switcher.Agent.Linux;

namespace Switcher.Agent;

/// <summary>Files on the guest's own disk, whose content depends on guest, file and round.</summary>
internal static unsafe class Files
{
    private const int Count = 4;
    private const int FileBytes = 512 << 10;
    private const int BlockBytes = 32 << 10;

    /// <summary>Writes all files anew and waits until the disk has them.</summary>
    /// <returns>0, or a negative error number.</returns>
    public static long Write(ulong seed, ulong round)
    {
        byte* bytes = stackalloc byte[BlockBytes];
        for (int number = 0; number < Count; number++)
        {
            long file = Open(number, Kernel.WriteOnly | Kernel.Create | Kernel.Truncate);
            if (file < 0)
                return file;
            long result = 0;
            for (int offset = 0; offset < FileBytes && result == 0; offset += BlockBytes)
            {
                for (int i = 0; i < BlockBytes; i += 8)
                    *(ulong*)(bytes + i) = Expected(seed, round, number, offset + i);
                result = Kernel.Write(file, new ReadOnlySpan<byte>(bytes, BlockBytes));
            }

            long flushed = Kernel.Flush(file);
            Kernel.Close(file);
            if (result < 0 || flushed < 0)
                return result < 0 ? result : flushed;
        }

        return 0;
    }

    /// <summary>Reads all files back from the disk itself: what the kernel kept of them in memory is dropped before.</summary>
    /// <param name="wrong">How many words of 8 bytes are not as written.</param>
    /// <returns>0, or a negative error number.</returns>
    public static long Check(ulong seed, ulong round, out ulong wrong)
    {
        wrong = 0;
        Kernel.FlushAll();
        long dropped = TextFile.Write("/proc/sys/vm/drop_caches\0"u8, "3\n"u8);
        if (dropped < 0)
            return dropped;
        byte* bytes = stackalloc byte[BlockBytes];
        for (int number = 0; number < Count; number++)
        {
            long file = Open(number, Kernel.ReadOnly);
            if (file < 0)
                return file;
            for (int offset = 0; offset < FileBytes; offset += BlockBytes)
            {
                long count = Kernel.Read(file, new Span<byte>(bytes, BlockBytes));
                for (int i = 0; i < BlockBytes; i += 8)
                {
                    if (i + 8 > count || *(ulong*)(bytes + i) != Expected(seed, round, number, offset + i))
                        wrong++;
                }
            }

            Kernel.Close(file);
        }

        return 0;
    }

    /// <summary>Writes, flushes and reads one file over and over until a point in time.</summary>
    public static void Exercise(ulong seed, long until)
    {
        for (ulong round = 1; Kernel.Seconds() < until; round++)
        {
            if (Write(seed, round) < 0 || Check(seed, round, out ulong _) < 0)
                return;
        }
    }

    private static long Open(int number, int flags)
    {
        Span<byte> buffer = stackalloc byte[64];
        var path = new TextLine(buffer);
        path.Add("/data/file"u8);
        path.AddDecimal(number);
        path.Add(0);
        return Kernel.Open(path.Text, flags);
    }

    private static ulong Expected(ulong seed, ulong round, int number, int offset) =>
        ((seed + (round << 32) + ((ulong)number << 24)) * 0x9E37_79B9_7F4A_7C15) + ((ulong)offset * 0xD6E8_FEB8_6659_FD93);
}

using System;

namespace Switcher.Agent.Linux;

/// <summary>
/// The system calls that the agent uses, with C# types. A negative result is an error number (errno) with its sign turned.
/// </summary>
internal static unsafe class Kernel
{
    public const int ReadOnly = 0;
    public const int WriteOnly = 1;
    public const int ReadWrite = 2;
    public const int Create = 0x40;
    public const int NoTerminal = 0x100;
    public const int Truncate = 0x200;
    public const int Synchronous = 0x101000;

    private const ulong ProtectRead = 1;
    private const ulong ProtectWrite = 2;
    private const ulong MapShared = 1;
    private const ulong MapPrivateAnonymous = 0x22;
    private const ulong ClockMonotonic = 1;

    /// <summary>Opens a file; <paramref name="path"/> ends with a zero byte.</summary>
    public static long Open(ReadOnlySpan<byte> path, int flags, int mode = 0x180)
    {
        fixed (byte* text = path)
            return Call(SystemCall.Open, (ulong)text, (ulong)flags, (ulong)mode);
    }

    public static long Close(long file) => Call(SystemCall.Close, (ulong)file);

    public static long Read(long file, Span<byte> buffer)
    {
        fixed (byte* bytes = buffer)
            return Call(SystemCall.Read, (ulong)file, (ulong)bytes, (ulong)buffer.Length);
    }

    public static long ReadAt(long file, Span<byte> buffer, ulong offset)
    {
        fixed (byte* bytes = buffer)
            return Call(SystemCall.Pread64, (ulong)file, (ulong)bytes, (ulong)buffer.Length, offset);
    }

    /// <summary>Writes everything, however many calls it takes.</summary>
    public static long Write(long file, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            long written;
            fixed (byte* text = bytes)
                written = Call(SystemCall.Write, (ulong)file, (ulong)text, (ulong)bytes.Length);
            if (written <= 0)
                return written;
            bytes = bytes.Slice((int)written);
        }

        return 0;
    }

    public static long Control(long file, ulong request, void* argument) =>
        Call(SystemCall.Ioctl, (ulong)file, request, (ulong)argument);

    /// <summary>Waits until a file's content is on its disk.</summary>
    public static long Flush(long file) => Call(SystemCall.Fsync, (ulong)file);

    public static void FlushAll() => Call(SystemCall.Sync);

    /// <summary>Anonymous memory, zeroed, present only where it is touched.</summary>
    /// <returns>Its address, or a negative error number.</returns>
    public static long Allocate(ulong length) =>
        Call(SystemCall.Mmap, 0, length, ProtectRead | ProtectWrite, MapPrivateAnonymous, ulong.MaxValue, 0);

    /// <summary>Maps a part of a file or device.</summary>
    public static long Map(long file, ulong offset, ulong length) =>
        Call(SystemCall.Mmap, 0, length, ProtectRead | ProtectWrite, MapShared, (ulong)file, offset);

    public static void Unmap(long address, ulong length) => Call(SystemCall.Munmap, (ulong)address, length);

    /// <summary>Starts a copy of this process.</summary>
    /// <returns>0 in the copy; its number in the original.</returns>
    public static long Fork() => Call(SystemCall.Fork);

    /// <summary>Becomes another program; returns only if that fails.</summary>
    /// <param name="path">The program's file, with a NUL at its end.</param>
    /// <param name="arguments">Addresses of the arguments, each with a NUL at its end, and a null one.</param>
    public static long Execute(ReadOnlySpan<byte> path, byte** arguments)
    {
        byte* environment = null;
        fixed (byte* text = path)
            return Call(SystemCall.Execve, (ulong)text, (ulong)arguments, (ulong)(&environment));
    }

    /// <summary>Waits for one copy to end.</summary>
    public static long Wait(out int status)
    {
        int value = 0;
        long result = Call(SystemCall.Wait4, ulong.MaxValue, (ulong)(&value));
        status = value;
        return result;
    }

    public static void Exit(int status) => Call(SystemCall.ExitGroup, (ulong)status);

    /// <summary>Lets this process run on one CPU only.</summary>
    public static long RunOn(int cpu)
    {
        ulong* mask = stackalloc ulong[16];
        for (int i = 0; i < 16; i++)
            mask[i] = i == cpu / 64 ? 1UL << (cpu % 64) : 0;
        return Call(SystemCall.SchedSetaffinity, 0, 128, (ulong)mask);
    }

    /// <summary>Lets this process run on every CPU.</summary>
    public static void RunAnywhere()
    {
        ulong* mask = stackalloc ulong[16];
        for (int i = 0; i < 16; i++)
            mask[i] = ulong.MaxValue;
        Call(SystemCall.SchedSetaffinity, 0, 128, (ulong)mask);
    }

    /// <summary>Seconds since the system started, time asleep not counted.</summary>
    public static long Seconds()
    {
        long* time = stackalloc long[2];
        Call(SystemCall.ClockGettime, ClockMonotonic, (ulong)time);
        return time[0];
    }

    /// <summary>Sleeps for less than a second.</summary>
    public static void Sleep(long nanoseconds)
    {
        long* time = stackalloc long[2];
        time[0] = 0;
        time[1] = nanoseconds;
        Call(SystemCall.Nanosleep, (ulong)time);
    }

    /// <summary>Entries of an open folder, as many as fit.</summary>
    /// <returns>Their bytes; 0 at the end.</returns>
    public static long ReadFolder(long folder, Span<byte> buffer)
    {
        fixed (byte* bytes = buffer)
            return Call(SystemCall.Getdents64, (ulong)folder, (ulong)bytes, (ulong)buffer.Length);
    }

    /// <summary>Removes a file.</summary>
    public static long Remove(ReadOnlySpan<byte> path)
    {
        fixed (byte* text = path)
            return Call(SystemCall.Unlink, (ulong)text);
    }

    /// <summary>Mounts a file system that needs no device.</summary>
    public static long Mount(ReadOnlySpan<byte> type, ReadOnlySpan<byte> folder)
    {
        fixed (byte* name = type)
        fixed (byte* place = folder)
            return Call(SystemCall.Mount, (ulong)name, (ulong)place, (ulong)name);
    }

    public static long Unmount(ReadOnlySpan<byte> folder)
    {
        fixed (byte* place = folder)
            return Call(SystemCall.Umount2, (ulong)place);
    }

    /// <summary>reboot(2).</summary>
    public static long Reboot(uint command) => Call(SystemCall.Reboot, 0xFEE1_DEAD, 0x2812_1969, command);

    private static long Call(
        SystemCall number, ulong a = 0, ulong b = 0, ulong c = 0, ulong d = 0, ulong e = 0, ulong f = 0) =>
        Stubs.Syscall6((ulong)number, a, b, c, d, e, f);
}

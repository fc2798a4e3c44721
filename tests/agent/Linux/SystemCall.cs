namespace Switcher.Agent.Linux;

/// <summary>Numbers of Linux's system calls on x86-64 (Linux source, "arch/x86/entry/syscalls/syscall_64.tbl").</summary>
internal enum SystemCall : ulong
{
    Read = 0,
    Write = 1,
    Open = 2,
    Close = 3,
    Lseek = 8,
    Mmap = 9,
    Munmap = 11,
    Ioctl = 16,
    Pread64 = 17,
    Nanosleep = 35,
    Fork = 57,
    Execve = 59,
    Wait4 = 61,
    Kill = 62,
    Fsync = 74,
    Ftruncate = 77,
    Unlink = 87,
    Sync = 162,
    Mount = 165,
    Umount2 = 166,
    Reboot = 169,
    SchedSetaffinity = 203,
    Getdents64 = 217,
    ClockGettime = 228,
    ExitGroup = 231,
}

using System;
using System.IO;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Switcher.Ctl.Live;

/// <summary>The kernel's flags of files: Linux manual, ioctl_iflags(2) "FS_IOC_GETFLAGS", "FS_IOC_SETFLAGS".</summary>
public sealed class InodeFlags : IInodeFlags
{
    private const ulong GetFlags = 0x8008_6601;
    private const ulong SetFlags = 0x4008_6602;

    /// <inheritdoc/>
    public int? Read(string path)
    {
        long flags = 0;
        return TryControl(path, GetFlags, ref flags) ? (int)flags : null;
    }

    /// <inheritdoc/>
    public bool TryWrite(string path, int flags)
    {
        long value = flags;
        return TryControl(path, SetFlags, ref value);
    }

    private static bool TryControl(string path, ulong request, ref long value)
    {
        try
        {
            using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            return Control(file, request, ref value) == 0;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The request's name says a long; the kernel reads and writes its first four bytes.</summary>
    [DllImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Control(SafeFileHandle file, ulong request, ref long value);
}

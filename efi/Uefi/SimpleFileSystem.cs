using System;

namespace Switcher.Efi.Uefi;

/// <summary>EFI_SIMPLE_FILE_SYSTEM_PROTOCOL: UEFI 2.10, section 13.4 "Simple File System Protocol".</summary>
public unsafe struct SimpleFileSystem
{
    public ulong Revision;
    public delegate* unmanaged<SimpleFileSystem*, File**, EfiStatus> OpenVolume;

    public static Guid Protocol => new(0x964e5b22, 0x6459, 0x11d2, 0x8e, 0x39, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b);
}

/// <summary>EFI_FILE_MODE_*.</summary>
[Flags]
public enum FileMode : ulong
{
    Read = 1,
    Write = 2,
    Create = 0x8000_0000_0000_0000,
}

/// <summary>EFI_FILE_PROTOCOL: UEFI 2.10, section 13.5 "File Protocol".</summary>
public unsafe struct File
{
    public ulong Revision;
    public delegate* unmanaged<File*, File**, char*, FileMode, ulong, EfiStatus> Open;
    public delegate* unmanaged<File*, EfiStatus> Close;
    public delegate* unmanaged<File*, EfiStatus> Delete;
    public delegate* unmanaged<File*, nuint*, void*, EfiStatus> Read;
    public delegate* unmanaged<File*, nuint*, void*, EfiStatus> Write;
    public delegate* unmanaged<File*, ulong*, EfiStatus> GetPosition;
    public delegate* unmanaged<File*, ulong, EfiStatus> SetPosition;
    public delegate* unmanaged<File*, Guid*, nuint*, void*, EfiStatus> GetInfo;
    public delegate* unmanaged<File*, Guid*, nuint, void*, EfiStatus> SetInfo;
    public delegate* unmanaged<File*, EfiStatus> Flush;

    // Revision 2.
    public void* OpenEx;
    public void* ReadEx;
    public void* WriteEx;
    public void* FlushEx;
}

/// <summary>EFI_FILE_INFO; the name follows as UTF-16 with a zero at its end.</summary>
public struct FileInfo
{
    /// <summary>Bytes of this structure with the name.</summary>
    public ulong Size;
    public ulong FileSize;
    public ulong PhysicalSize;
    public Time CreateTime;
    public Time LastAccessTime;
    public Time ModificationTime;
    public ulong Attribute;

    /// <summary>Where the name begins.</summary>
    public const int FileNameOffset = 80;

    public static Guid Id => new(0x09576e92, 0x6d3f, 0x11d2, 0x8e, 0x39, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b);
}

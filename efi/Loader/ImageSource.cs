using System;
using Switcher.Boot.Memory;
using Switcher.Efi.Firmware;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Loader;

/// <summary>The bytes of an image file, in the running guest's partition unless the caller of LoadImage brought them.</summary>
internal unsafe struct ImageSource
{
    // EFI file systems do not promise longer paths (UEFI 2.10, 13.5.1 EFI_FILE_PROTOCOL.Open()).
    public const int MaximumPath = 1024;

    public byte* Data;
    public ulong Size;

    /// <summary>Whether <see cref="Release"/> has something to free.</summary>
    public bool IsOwn;

    /// <summary>The handle that the path leads to, as far as it leads to one.</summary>
    public Handle Device;

    /// <summary>The part of the path behind the device.</summary>
    public DevicePath* FilePath;

    /// <summary>
    /// Finds what LoadImage is asked for: a buffer, a file on a volume, or what a driver loads
    /// (UEFI 2.10, 7.4.1 EFI_BOOT_SERVICES.LoadImage()).
    /// </summary>
    public static EfiStatus Find(
        Session* session, bool bootPolicy, DevicePath* path, void* buffer, ulong size, out ImageSource source)
    {
        source = default;
        if (buffer != null)
        {
            source.Data = (byte*)buffer;
            source.Size = size;
            source.FilePath = path;
            if (path != null && TryLocate(session->Firmware, DevicePath.Protocol, path, out DevicePath* rest, out Handle handle))
            {
                source.Device = handle;
                source.FilePath = rest;
            }

            return size == 0 ? EfiStatus.LoadError : EfiStatus.Success;
        }

        if (TryFindFile(session->Firmware, path, out source.Device, out source.FilePath))
            return source.ReadFile(session);
        if (!bootPolicy && TryLocate(session->Firmware, LoadFile.Protocol2, path, out source.FilePath, out source.Device))
            return source.LoadByDriver(session, LoadFile.Protocol2, 0);
        if (TryLocate(session->Firmware, LoadFile.Protocol, path, out source.FilePath, out source.Device))
            return source.LoadByDriver(session, LoadFile.Protocol, bootPolicy ? (byte)1 : (byte)0);
        return EfiStatus.NotFound;
    }

    /// <summary>Finds the volume that a path leads to, and the file path nodes behind it.</summary>
    public static bool TryFindFile(UefiFirmware* firmware, DevicePath* path, out Handle volume, out DevicePath* file) =>
        TryLocate(firmware, SimpleFileSystem.Protocol, path, out file, out volume) && DevicePaths.IsMedia(file, MediaDevicePath.FilePath);

    /// <summary>Makes one path of file path nodes, which may be several (UEFI 2.10, 10.3.5.4 File Path Media Device Path).</summary>
    public static bool TryJoin(DevicePath* node, char* path)
    {
        int length = 0;
        for (; DevicePaths.IsMedia(node, MediaDevicePath.FilePath); node = DevicePaths.Next(node))
        {
            // The text may lie at an odd address.
            var text = new ReadOnlySpan<byte>((byte*)node + sizeof(DevicePath), node->Length - sizeof(DevicePath));
            if (length > 0 && path[length - 1] != '\\')
                path[length++] = '\\';
            for (int i = 0; i + 1 < text.Length && (text[i] | text[i + 1]) != 0; i += 2)
            {
                if (length >= MaximumPath - 2)
                    return false;
                path[length++] = (char)(text[i] | text[i + 1] << 8);
            }
        }

        path[length] = '\0';
        return length > 0;
    }

    /// <summary>Frees the bytes.</summary>
    public void Release(Session* session)
    {
        if (IsOwn)
            MemoryServices.Free(session, (ulong)Data, Size);
        IsOwn = false;
    }

    private static bool TryLocate(UefiFirmware* firmware, Guid protocol, DevicePath* path, out DevicePath* rest, out Handle handle)
    {
        DevicePath* remaining = path;
        Handle found = default;
        bool isFound = !firmware->Services->LocateDevicePath(&protocol, &remaining, &found).IsError;
        rest = remaining;
        handle = found;
        return isFound;
    }

    private EfiStatus ReadFile(Session* session)
    {
        char* path = stackalloc char[MaximumPath];
        if (!TryJoin(FilePath, path))
            return EfiStatus.InvalidParameter;
        EfiStatus status = FileReader.Open(session->Firmware, Device, path, out File* file, out ulong size);
        if (status.IsError)
            return status;
        status = Claim(session, size);
        if (status.IsError)
        {
            file->Close(file);
            return status;
        }

        status = FileReader.ReadAndClose(file, Data, size);
        if (status.IsError)
            Release(session);
        return status;
    }

    private EfiStatus LoadByDriver(Session* session, Guid protocol, byte bootPolicy)
    {
        LoadFile* driver = session->Firmware->Interface<LoadFile>(Device, protocol);
        if (driver == null)
            return EfiStatus.NotFound;
        nuint size = 0;
        EfiStatus status = driver->Load(driver, FilePath, bootPolicy, &size, null);
        if (status != EfiStatus.BufferTooSmall)
            return status.IsError ? status : EfiStatus.LoadError;
        status = Claim(session, size);
        if (status.IsError)
            return status;
        status = driver->Load(driver, FilePath, bootPolicy, &size, Data);
        if (status.IsError)
            Release(session);
        return status;
    }

    private EfiStatus Claim(Session* session, ulong size)
    {
        Size = size;
        if (size == 0)
            return EfiStatus.LoadError;
        Data = (byte*)MemoryServices.Allocate(session, Boot.Memory.MemoryType.LoaderData, size);
        IsOwn = Data != null;
        return IsOwn ? EfiStatus.Success : EfiStatus.OutOfResources;
    }
}

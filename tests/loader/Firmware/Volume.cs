using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Loader.Firmware;

/// <summary>A file system with some files: UEFI 2.10, 13.4 and 13.5. A file's number is in the reserved end of its interface.</summary>
internal static unsafe class Volume
{
    private static readonly List<byte[]> s_contents = [];
    private static readonly Dictionary<string, int> s_files = [];
    private static readonly Dictionary<nint, int> s_positions = [];
    private static FakeFirmware s_firmware = null!;

    /// <summary>Installs a volume whose device path is one vendor node.</summary>
    public static Handle Install(FakeFirmware firmware)
    {
        s_firmware = firmware;
        s_contents.Clear();
        s_files.Clear();
        s_positions.Clear();
        SimpleFileSystem* system = firmware.Make<SimpleFileSystem>();
        system->OpenVolume = &OpenVolume;
        var path = (DevicePath*)firmware.Pages.AllocatePool(64);
        *path = new DevicePath { Type = DevicePathType.Hardware, SubType = 1, LengthLow = 6 };
        *(ushort*)(path + 1) = 0x0102;
        *(DevicePath*)((byte*)path + 6) = new DevicePath { Type = DevicePathType.End, SubType = 0xFF, LengthLow = 4 };
        Handle handle = firmware.Install(SimpleFileSystem.Protocol, system);
        firmware.Install(DevicePath.Protocol, path, handle);
        return handle;
    }

    public static void Add(string path, byte[] content)
    {
        s_files[path] = s_contents.Count;
        s_contents.Add(content);
    }

    /// <summary>The whole path of a file, in the firmware's pool.</summary>
    public static DevicePath* PathOf(FakeFirmware firmware, string file)
    {
        int text = (file.Length + 1) * sizeof(char);
        var path = (byte*)firmware.Pages.AllocatePool((ulong)(6 + 4 + text + 4));
        *(DevicePath*)path = new DevicePath { Type = DevicePathType.Hardware, SubType = 1, LengthLow = 6 };
        *(ushort*)(path + 4) = 0x0102;
        *(DevicePath*)(path + 6) = new DevicePath { Type = DevicePathType.Media, SubType = 4, LengthLow = (byte)(4 + text) };
        file.AsSpan().CopyTo(new Span<char>(path + 10, file.Length));
        ((char*)(path + 10))[file.Length] = '\0';
        *(DevicePath*)(path + 10 + text) = new DevicePath { Type = DevicePathType.End, SubType = 0xFF, LengthLow = 4 };
        return (DevicePath*)path;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus OpenVolume(SimpleFileSystem* self, File** root)
    {
        *root = NewFile();
        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus Open(File* self, File** opened, char* name, FileMode mode, ulong attributes)
    {
        if (!s_files.TryGetValue(new string(name), out int number))
            return EfiStatus.NotFound;
        *opened = NewFile();
        (*opened)->OpenEx = (void*)number;
        s_positions[(nint)(*opened)] = 0;
        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus Close(File* self) => s_firmware.Pages.FreePool((ulong)self);

    [UnmanagedCallersOnly]
    private static EfiStatus Read(File* self, nuint* size, void* buffer)
    {
        ReadOnlySpan<byte> rest = s_contents[(int)self->OpenEx].AsSpan(s_positions[(nint)self]);
        int length = (int)Math.Min(*size, (nuint)rest.Length);
        rest.Slice(0, length).CopyTo(new Span<byte>(buffer, length));
        s_positions[(nint)self] += length;
        *size = (nuint)length;
        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus GetInfo(File* self, Guid* type, nuint* size, void* buffer)
    {
        *(FileInfo*)buffer = new FileInfo { FileSize = (ulong)s_contents[(int)self->OpenEx].Length };
        return EfiStatus.Success;
    }

    private static File* NewFile()
    {
        File* file = s_firmware.Make<File>();
        file->Open = &Open;
        file->Close = &Close;
        file->Read = &Read;
        file->GetInfo = &GetInfo;
        return file;
    }
}

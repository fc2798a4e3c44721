using System;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Firmware;

/// <summary>Reads files of any volume that the firmware has a driver for.</summary>
internal static unsafe class FileReader
{
    private const ulong DirectoryAttribute = 0x10;

    /// <summary>Opens a file for reading.</summary>
    /// <param name="firmware">Whose drivers read.</param>
    /// <param name="volume">A handle with a Simple File System.</param>
    /// <param name="path">From the volume's root, with a NUL at its end.</param>
    /// <param name="file">To be closed by the caller.</param>
    /// <param name="size">Bytes of the file.</param>
    public static EfiStatus Open(UefiFirmware* firmware, Handle volume, char* path, out File* file, out ulong size)
    {
        file = null;
        size = 0;
        SimpleFileSystem* fileSystem = firmware->Interface<SimpleFileSystem>(volume, SimpleFileSystem.Protocol);
        if (fileSystem == null)
            return EfiStatus.NotFound;
        File* root = null;
        EfiStatus status = fileSystem->OpenVolume(fileSystem, &root);
        if (status.IsError)
            return status;
        File* opened = null;
        status = root->Open(root, &opened, path, FileMode.Read, 0);
        root->Close(root);
        if (status.IsError)
            return status;

        // The name follows the structure: at most 255 characters and a NUL on FAT.
        const int MaximumName = 2 * 256;
        byte* buffer = stackalloc byte[FileInfo.FileNameOffset + MaximumName];
        nuint length = FileInfo.FileNameOffset + MaximumName;
        Guid id = FileInfo.Id;
        status = opened->GetInfo(opened, &id, &length, buffer);
        var info = (FileInfo*)buffer;
        if (!status.IsError && (info->Attribute & DirectoryAttribute) != 0)
            status = EfiStatus.NotFound;
        if (status.IsError)
        {
            opened->Close(opened);
            return status;
        }

        file = opened;
        size = info->FileSize;
        return status;
    }

    /// <summary>Reads <paramref name="size"/> bytes into <paramref name="buffer"/> and closes the file.</summary>
    public static EfiStatus ReadAndClose(File* file, void* buffer, ulong size)
    {
        // Some drivers do not take more than a few MiB at a time.
        const ulong Step = 1024 * 1024;
        EfiStatus status = EfiStatus.Success;
        ulong done = 0;
        while (done < size && !status.IsError)
        {
            nuint part = (nuint)Math.Min(Step, size - done);
            nuint read = part;
            status = file->Read(file, &read, (byte*)buffer + done);
            if (!status.IsError && read != part)
                status = EfiStatus.VolumeCorrupted;
            done += read;
        }

        file->Close(file);
        return status;
    }
}

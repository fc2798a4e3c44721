using System;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Firmware;

/// <summary>Looks into files without taking the memory that they would need.</summary>
internal static unsafe class FileContents
{
    private const int ChunkBytes = 64 * 1024;

    /// <summary>Whether two files of a volume are of the same bytes. Files that cannot be read are not.</summary>
    /// <param name="firmware">Whose drivers read.</param>
    /// <param name="volume">A handle with a Simple File System.</param>
    /// <param name="a">A path from the volume's root, with a NUL at its end.</param>
    /// <param name="b">The other one's.</param>
    public static bool AreEqual(UefiFirmware* firmware, Handle volume, char* a, char* b)
    {
        if (FileReader.Open(firmware, volume, a, out File* first, out ulong size).IsError)
            return false;
        bool areEqual = false;
        if (!FileReader.Open(firmware, volume, b, out File* second, out ulong otherSize).IsError)
        {
            byte* buffer = size == otherSize ? (byte*)firmware->Allocate(2 * ChunkBytes) : null;
            areEqual = buffer != null && AreEqual(first, second, size, buffer);
            firmware->Release(buffer, 2 * ChunkBytes);
            second->Close(second);
        }

        first->Close(first);
        return areEqual;
    }

    /// <summary>Whether some bytes are in a file that is not larger than <paramref name="most"/> bytes.</summary>
    /// <param name="wanted">At most half of <see cref="ChunkBytes"/>.</param>
    public static bool Contain(UefiFirmware* firmware, Handle volume, char* path, ReadOnlySpan<byte> wanted, ulong most)
    {
        if (FileReader.Open(firmware, volume, path, out File* file, out ulong size).IsError)
            return false;
        byte* buffer = size <= most ? (byte*)firmware->Allocate(ChunkBytes) : null;
        bool isThere = buffer != null && Contain(file, size, wanted, buffer);
        firmware->Release(buffer, ChunkBytes);
        file->Close(file);
        return isThere;
    }

    private static bool AreEqual(File* first, File* second, ulong size, byte* buffer)
    {
        for (ulong done = 0; done < size; done += ChunkBytes)
        {
            int part = (int)Math.Min(ChunkBytes, size - done);
            if (!TryRead(first, buffer, part) || !TryRead(second, buffer + ChunkBytes, part)
                || !new ReadOnlySpan<byte>(buffer, part).SequenceEqual(new ReadOnlySpan<byte>(buffer + ChunkBytes, part)))
                return false;
        }

        return true;
    }

    /// <summary>What is wanted may lie across the border of two chunks: the end of one stays in front of the next.</summary>
    private static bool Contain(File* file, ulong size, ReadOnlySpan<byte> wanted, byte* buffer)
    {
        int kept = 0;
        for (ulong done = 0; done < size;)
        {
            int part = (int)Math.Min((ulong)(ChunkBytes - kept), size - done);
            if (!TryRead(file, buffer + kept, part))
                return false;
            var seen = new Span<byte>(buffer, kept + part);
            if (Contain(seen, wanted))
                return true;
            kept = Math.Min(seen.Length, wanted.Length - 1);
            seen.Slice(seen.Length - kept).CopyTo(seen);
            done += (ulong)part;
        }

        return false;
    }

    private static bool Contain(ReadOnlySpan<byte> seen, ReadOnlySpan<byte> wanted)
    {
        // Most bytes are not even the first one.
        for (int at; seen.Length >= wanted.Length && (at = seen.IndexOf(wanted[0])) >= 0; seen = seen.Slice(at + 1))
        {
            if (seen.Slice(at).StartsWith(wanted))
                return true;
        }

        return false;
    }

    private static bool TryRead(File* file, byte* buffer, int length)
    {
        nuint read = (nuint)length;
        return !file->Read(file, &read, buffer).IsError && read == (nuint)length;
    }
}

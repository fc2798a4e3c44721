using System;
using Switcher.Agent.Linux;

namespace Switcher.Agent;

/// <summary>
/// The firmware's variables as Linux shows them, in efivarfs (Linux documentation, "efivarfs - a (U)EFI variable filesystem"): a file is
/// four bytes of attributes and the value.
/// </summary>
internal static unsafe class Variables
{
    private const int PathBytes = 512;
    private const int ListBytes = 64 << 10;
    private const int ValueBytes = 64 << 10;

    // struct linux_dirent64: inode, offset, length of the entry, type, name.
    private const int LengthOffset = 16;
    private const int NameOffset = 19;

    // Linux source, "include/uapi/linux/fs.h".
    private const ulong SetFlags = 0x4008_6602;

    private static ReadOnlySpan<byte> Folder => "/sys/firmware/efi/efivars\0"u8;

    private static ReadOnlySpan<byte> Vendor => "-8c5d1a3e-5e0b-4d5c-9e57-2f6d1b3c7a90\0"u8;

    /// <summary>All variables: how many, and a sum over names, attributes and values that does not depend on their order.</summary>
    /// <returns>0, or a negative error number.</returns>
    public static long Sum(out ulong count, out ulong sum)
    {
        count = 0;
        sum = 0;
        long result = Mount();
        if (result < 0)
            return result;
        long list = Kernel.Allocate(ListBytes + ValueBytes);
        if (list < 0)
            return list;
        long folder = Kernel.Open(Folder, Kernel.ReadOnly);
        if (folder < 0)
            return folder;
        byte* entries = (byte*)list;
        long length;
        while ((length = Kernel.ReadFolder(folder, new Span<byte>(entries, ListBytes))) > 0)
        {
            for (byte* entry = entries; entry < entries + length; entry += *(ushort*)(entry + LengthOffset))
            {
                if (entry[NameOffset] == (byte)'.')
                    continue;
                count++;
                sum += SumOf(entry + NameOffset, new Span<byte>(entries + ListBytes, ValueBytes));
            }
        }

        Kernel.Close(folder);
        Kernel.Unmap(list, ListBytes + ValueBytes);
        return length;
    }

    /// <summary>Gives a variable of the agents' own a value, or removes it.</summary>
    /// <returns>0, or a negative error number.</returns>
    public static long Set(ReadOnlySpan<byte> name, ulong value)
    {
        const uint Ordinary = 7;
        long result = Mount();
        if (result < 0)
            return result;
        var path = new TextLine(stackalloc byte[PathBytes]);
        path.Add(Folder.Slice(0, Folder.Length - 1));
        path.Add((byte)'/');
        path.Add(name);
        path.Add(Vendor);
        MakeMutable(path.Text);
        if (value == 0)
            return Kernel.Remove(path.Text);
        long file = Kernel.Open(path.Text, Kernel.WriteOnly | Kernel.Create);
        if (file < 0)
            return file;
        byte* bytes = stackalloc byte[sizeof(uint) + sizeof(ulong)];
        *(uint*)bytes = Ordinary;
        *(ulong*)(bytes + sizeof(uint)) = value;
        result = Kernel.Write(file, new ReadOnlySpan<byte>(bytes, sizeof(uint) + sizeof(ulong)));
        Kernel.Close(file);
        return result;
    }

    /// <summary>Anew each time: the kernel lists the names when it mounts, and another guest may have changed them since.</summary>
    private static long Mount()
    {
        Kernel.Unmount(Folder);
        return Kernel.Mount("efivarfs\0"u8, Folder);
    }

    private static ulong SumOf(byte* name, Span<byte> buffer)
    {
        const ulong Prime = 0x100_0000_01B3;
        var path = new TextLine(stackalloc byte[PathBytes]);
        path.Add(Folder.Slice(0, Folder.Length - 1));
        path.Add((byte)'/');
        ulong sum = 0xCBF2_9CE4_8422_2325;
        for (; *name != 0; name++)
        {
            path.Add(*name);
            sum = (sum ^ *name) * Prime;
        }

        path.Add(0);
        ReadOnlySpan<byte> value = TextFile.Read(path.Text, buffer);
        for (int i = 0; i < value.Length; i++)
            sum = (sum ^ value[i]) * Prime;
        return sum;
    }

    /// <summary>The kernel guards variables that it does not know against being removed by mistake.</summary>
    private static void MakeMutable(ReadOnlySpan<byte> path)
    {
        long file = Kernel.Open(path, Kernel.ReadOnly);
        if (file < 0)
            return;
        int flags = 0;
        Kernel.Control(file, SetFlags, &flags);
        Kernel.Close(file);
    }
}

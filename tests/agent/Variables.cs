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

    private static ReadOnlySpan<byte> SwitcherVendor => "-5e7b3c0a-9d1f-4c52-8a66-3f0c2d9b71e4\0"u8;

    private static ReadOnlySpan<byte> Vendor => "-8c5d1a3e-5e0b-4d5c-9e57-2f6d1b3c7a90\0"u8;

    /// <summary>
    /// All variables that outlast a boot: how many, and a sum over names, attributes and values that does not depend on their order.
    /// Switcher's own are not among them: some say something else at every moment.
    /// </summary>
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
                if (entry[NameOffset] == (byte)'.' || IsOfSwitcher(entry + NameOffset))
                    continue;
                ulong one = SumOf(entry + NameOffset, new Span<byte>(entries + ListBytes, ValueBytes), out bool isLasting);
                count += isLasting ? 1u : 0;
                sum += isLasting ? one : 0;
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
        var path = new TextLine(stackalloc byte[PathBytes]);
        return value == 0
            ? Remove(name, Vendor, ref path)
            : Write(name, Vendor, ref path, new ReadOnlySpan<byte>((byte*)&value, sizeof(ulong)));
    }

    /// <summary>Gives a variable of Switcher's a value.</summary>
    /// <returns>0, or a negative error number.</returns>
    public static long SetOwn(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var path = new TextLine(stackalloc byte[PathBytes]);
        return Write(name, SwitcherVendor, ref path, value);
    }

    /// <summary>Removes a variable of Switcher's.</summary>
    /// <returns>0, or a negative error number.</returns>
    public static long RemoveOwn(ReadOnlySpan<byte> name)
    {
        var path = new TextLine(stackalloc byte[PathBytes]);
        return Remove(name, SwitcherVendor, ref path);
    }

    /// <summary>Reads a variable of Switcher's, in one piece: the next read would make it anew.</summary>
    /// <param name="value">In memory that stays.</param>
    /// <returns>0 or more, or a negative error number.</returns>
    public static long ReadOwn(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        value = default;
        var path = new TextLine(stackalloc byte[PathBytes]);
        long result = Mount();
        if (result < 0)
            return result;
        AddPath(ref path, name, SwitcherVendor);
        long buffer = Kernel.Allocate(2 * ValueBytes);
        if (buffer < 0)
            return buffer;
        long file = Kernel.Open(path.Text, Kernel.ReadOnly);
        if (file < 0)
            return file;
        result = Kernel.Read(file, new Span<byte>((byte*)buffer, 2 * ValueBytes));
        Kernel.Close(file);
        if (result >= sizeof(uint))
            value = new ReadOnlySpan<byte>((byte*)buffer + sizeof(uint), (int)result - sizeof(uint));
        return result;
    }

    private static long Write(ReadOnlySpan<byte> name, ReadOnlySpan<byte> vendor, ref TextLine path, ReadOnlySpan<byte> value)
    {
        const uint Ordinary = 7;
        const int Longest = 512;
        long result = Mount();
        if (result < 0)
            return result;
        AddPath(ref path, name, vendor);
        MakeMutable(path.Text);
        long file = Kernel.Open(path.Text, Kernel.WriteOnly | Kernel.Create);
        if (file < 0)
            return file;
        byte* bytes = stackalloc byte[sizeof(uint) + Longest];
        *(uint*)bytes = Ordinary;
        int length = value.Length < Longest ? value.Length : Longest;
        for (int i = 0; i < length; i++)
            bytes[sizeof(uint) + i] = value[i];
        result = Kernel.Write(file, new ReadOnlySpan<byte>(bytes, sizeof(uint) + length));
        Kernel.Close(file);
        return result;
    }

    private static long Remove(ReadOnlySpan<byte> name, ReadOnlySpan<byte> vendor, ref TextLine path)
    {
        long result = Mount();
        if (result < 0)
            return result;
        AddPath(ref path, name, vendor);
        MakeMutable(path.Text);
        return Kernel.Remove(path.Text);
    }

    private static void AddPath(ref TextLine path, ReadOnlySpan<byte> name, ReadOnlySpan<byte> vendor)
    {
        path.Add(Folder.Slice(0, Folder.Length - 1));
        path.Add((byte)'/');
        path.Add(name);
        path.Add(vendor);
    }

    /// <summary>Anew each time: the kernel lists the names when it mounts, and another guest may have changed them since.</summary>
    private static long Mount()
    {
        Kernel.Unmount(Folder);
        return Kernel.Mount("efivarfs\0"u8, Folder);
    }

    private static ulong SumOf(byte* name, Span<byte> buffer, out bool isLasting)
    {
        const byte NonVolatile = 1;
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
        isLasting = value.Length > 0 && (value[0] & NonVolatile) != 0;
        for (int i = 0; i < value.Length; i++)
            sum = (sum ^ value[i]) * Prime;
        return sum;
    }

    private static bool IsOfSwitcher(byte* name)
    {
        int length = 0;
        while (name[length] != 0)
            length++;
        int suffix = SwitcherVendor.Length - 1;
        return length > suffix
            && Words.Same(new ReadOnlySpan<byte>(name + length - suffix, suffix), SwitcherVendor.Slice(0, suffix));
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

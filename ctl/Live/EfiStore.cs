using System;
using System.Buffers.Binary;
using System.IO;

namespace Switcher.Ctl.Live;

/// <summary>
/// Variables of one vendor, Switcher's if no other is named, read and written through efivarfs. A variable is written by one call of the
/// kernel's, which gives all of it to the firmware or nothing: one that fails leaves the old value.
/// </summary>
public sealed class EfiStore(Host host, string vendor = EfiVariables.SwitcherVendor)
{
    /// <summary>UEFI 2.10, 8.2.1 "GetVariable()": boot service access, runtime access.</summary>
    public const uint Volatile = 6;

    /// <summary>The same, and non-volatile.</summary>
    public const uint Lasting = 7;

    /// <summary>Linux source, "include/uapi/linux/fs.h": FS_IMMUTABLE_FL, which efivarfs gives to what it does not know.</summary>
    private const int Immutable = 0x10;

    private const int AttributeBytes = sizeof(uint);
    private const int MostBytes = 1 << 16;

    /// <summary>A variable's value, or null if there is none.</summary>
    public byte[]? Read(string name)
    {
        if (EfiVariables.Read(host.Files, name, vendor) is { } value)
            return value;

        // efivarfs lists what was there when it was mounted. What another system has made since then comes with the name's first use,
        // which makes a file: empty if there is no such variable after all.
        string path = PathOf(name);
        if (host.Files.Exists(path) || !EfiAccess.IsWritable(host))
            return null;
        byte[]? found = host.Files.CreateAndRead(path, MostBytes);
        if (found is { Length: >= AttributeBytes })
            return found[AttributeBytes..];
        TryRemove(path);
        return null;
    }

    /// <summary>Writes a variable.</summary>
    /// <exception cref="CtlFailure">It was not written and has its old value.</exception>
    public void Write(string name, ReadOnlySpan<byte> value, uint attributes)
    {
        EfiAccess.RequireWritable(host);
        byte[] bytes = new byte[AttributeBytes + value.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, attributes);
        value.CopyTo(bytes.AsSpan(AttributeBytes));
        string path = PathOf(name);
        bool isNew = !host.Files.Exists(path);
        try
        {
            Thawed(path, () => host.Files.WriteOnce(path, bytes));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            if (isNew)
                TryRemove(path);
            throw new CtlFailure(ExitStatus.NotWritten,
                $"{name} was refused and is what it was ({failure.Message}); 'switcherctl log' may say more.");
        }
    }

    /// <summary>Deletes a variable, if it is there.</summary>
    /// <exception cref="CtlFailure">It could not be deleted.</exception>
    public void Delete(string name)
    {
        EfiAccess.RequireWritable(host);
        string path = PathOf(name);
        if (Read(name) != null && !TryRemove(path))
            throw new CtlFailure(ExitStatus.NotWritten, $"{name} could not be deleted and is what it was; remove /{path} by hand.");
    }

    private string PathOf(string name) => EfiVariables.PathOf(name, vendor);

    private bool TryRemove(string path)
    {
        try
        {
            Thawed(path, () => host.Files.Delete(path));
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Does something with a file while it is not immutable.</summary>
    private void Thawed(string path, Action action)
    {
        string place = host.Files.Path(path);
        int? flags = host.Flags.Read(place);
        if (flags is not { } frozen || (frozen & Immutable) == 0)
        {
            action();
            return;
        }
        if (!host.Flags.TryWrite(place, frozen & ~Immutable))
            throw new UnauthorizedAccessException($"the file is protected: chattr -i /{path}");
        try
        {
            action();
        }
        finally
        {
            if (host.Files.Exists(path))
                host.Flags.TryWrite(place, frozen);
        }
    }
}

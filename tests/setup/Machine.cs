using System;
using Switcher.Boot.Text;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Setup;

/// <summary>The firmware, as far as the setup needs it.</summary>
internal static unsafe class Machine
{
    public static Handle Image { get; private set; }

    public static SystemTable* Table { get; private set; }

    public static LoadedImage* Self { get; private set; }

    private static Guid SwitcherVendor => new(0x5e7b3c0a, 0x9d1f, 0x4c52, 0x8a, 0x66, 0x3f, 0x0c, 0x2d, 0x9b, 0x71, 0xe4);

    public static void Start(Handle image, SystemTable* table)
    {
        Image = image;
        Table = table;
        Self = (LoadedImage*)Interface(image, LoadedImage.Protocol);
    }

    /// <summary>The interface of a protocol on a handle, or null.</summary>
    public static void* Interface(Handle handle, Guid protocol)
    {
        void* found = null;
        return Table->BootServices->HandleProtocol(handle, &protocol, &found).IsError ? null : found;
    }

    /// <summary>The interface of a protocol that the firmware has once, or null.</summary>
    public static void* Service(Guid protocol)
    {
        void* found = null;
        return Table->BootServices->LocateProtocol(&protocol, null, &found).IsError ? null : found;
    }

    /// <summary>Zeroed memory, or null.</summary>
    public static byte* Allocate(int bytes)
    {
        void* memory = null;
        if (Table->BootServices->AllocatePool(MemoryType.LoaderData, (nuint)bytes, &memory).IsError)
            return null;
        new Span<byte>(memory, bytes).Clear();
        return (byte*)memory;
    }

    /// <summary>Reports an error: <c>ERROR setup: what "which"</c> on the debug port.</summary>
    /// <returns>A status to end with.</returns>
    public static EfiStatus Fail(ReadOnlySpan<byte> what, ReadOnlySpan<byte> which)
    {
        var line = new LogLine("ERROR setup: "u8);
        line.Text(what);
        if (!which.IsEmpty)
        {
            line.Text(" in: "u8);
            line.Text(which);
        }

        line.WriteTo<DebugPort>();
        return EfiStatus.Aborted;
    }

    /// <summary>Sets a variable of Switcher's, or of the firmware's own.</summary>
    public static EfiStatus SetVariable(bool isGlobal, char* name, ReadOnlySpan<byte> value)
    {
        Guid vendor = isGlobal ? VariableVendor.Global : SwitcherVendor;
        const VariableAttributes Attributes =
            VariableAttributes.NonVolatile | VariableAttributes.BootServiceAccess | VariableAttributes.RuntimeAccess;
        fixed (byte* bytes = value)
            return Table->RuntimeServices->SetVariable(name, &vendor, Attributes, (nuint)value.Length, bytes);
    }

    /// <summary>Reads a file of the volume that the program came from.</summary>
    public static bool TryReadFile(string path, out ReadOnlySpan<byte> content)
    {
        const int Maximum = 64 * 1024;
        content = default;
        var volume = (SimpleFileSystem*)Interface(Self->DeviceHandle, SimpleFileSystem.Protocol);
        File* root = null;
        File* file = null;
        byte* buffer = Allocate(Maximum);
        if (volume == null || buffer == null || volume->OpenVolume(volume, &root).IsError)
            return false;
        fixed (char* name = path)
        {
            if (root->Open(root, &file, name, FileMode.Read, 0).IsError)
                return false;
        }

        nuint size = Maximum;
        if (file->Read(file, &size, buffer).IsError)
            return false;
        content = new ReadOnlySpan<byte>(buffer, (int)size);
        return true;
    }
}

using System;
using Switcher.Boot.Config;
using Switcher.Boot.Text;
using Switcher.Boot.Verdict;
using Switcher.Efi.Firmware;
using Switcher.Efi.Loader;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Steps;

/// <summary>The firmware's boot options, and what is in the files that they name.</summary>
/// <param name="firmware">Whose they are.</param>
/// <param name="isShown">Whether the user reads the warnings, not only who reads the log.</param>
internal readonly unsafe struct FirmwareOptions(UefiFirmware* firmware, bool isShown) : IBootOptions
{
    /// <summary>Switcher itself is a third of it.</summary>
    private const ulong MostOfSwitcher = 1024 * 1024;

    /// <summary>By this any Switcher is known, wherever it is and however it is called: it is in all that have this line.</summary>
    internal static ReadOnlySpan<byte> Mark => "This program is Switcher. 5e7b3c0a-9d1f-4c52-8a66-3f0c2d9b71e4"u8;

    public bool TryRead(ushort number, out ReadOnlySpan<byte> variable) =>
        Variables.TryReadNumbered(firmware, VariableVendor.Global, "Boot"u8, number, out variable);

    public bool IsSwitcher(in BootOption option)
    {
        fixed (byte* path = option.FilePath)
        {
            DevicePath* complete = DevicePaths.Complete(firmware, (DevicePath*)path);
            if (complete == null)
                return false;
            if (DevicePaths.IsSwitcher(firmware, complete))
                return true;
            char* file = stackalloc char[ImageSource.MaximumPath];
            return TryFindFile(complete, file, out Handle volume)
                && FileContents.Contain(firmware, volume, file, Mark, MostOfSwitcher);
        }
    }

    public bool IsSameLoader(in BootOption a, in BootOption b)
    {
        if (LoaderPath.AreEqual(a, b))
            return true;
        fixed (byte* first = a.FilePath)
        fixed (byte* second = b.FilePath)
        {
            DevicePath* firstPath = DevicePaths.Complete(firmware, (DevicePath*)first);
            DevicePath* secondPath = DevicePaths.Complete(firmware, (DevicePath*)second);
            char* firstFile = stackalloc char[ImageSource.MaximumPath];
            char* secondFile = stackalloc char[ImageSource.MaximumPath];
            return firstPath != null && secondPath != null
                && TryFindFile(firstPath, firstFile, out Handle volume) && TryFindFile(secondPath, secondFile, out Handle other)
                && volume.Value == other.Value && FileContents.AreEqual(firmware, volume, firstFile, secondFile);
        }
    }

    public void Warn(ushort number, ReadOnlySpan<byte> text)
    {
        var line = new LogLine("WARN Boot"u8);
        line.HexDigits(number, 4);
        line.Text(": "u8);
        line.Text(text);
        if (isShown)
            firmware->Warn(line.Written);
        else
            line.WriteTo<Log>();
    }

    private bool TryFindFile(DevicePath* path, char* name, out Handle volume) =>
        ImageSource.TryFindFile(firmware, path, out volume, out DevicePath* file) && ImageSource.TryJoin(file, name);
}

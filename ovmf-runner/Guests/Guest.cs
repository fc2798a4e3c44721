using System.Collections.Generic;

namespace Switcher.Runner.Guests;

/// <summary>A disk image attached to the machine.</summary>
/// <param name="Image">The raw image file.</param>
/// <param name="Transport">How it is attached.</param>
public sealed record AttachedDisk(string Image, DiskTransport Transport);

/// <summary>A guest with everything that the machine needs to have for it.</summary>
/// <param name="Name">As in boot options, logs and reports.</param>
/// <param name="Loader">The loader's place on the system partition, for example <c>\EFI\debian\vmlinuz.efi</c>; with the bytes of a
/// partition's GUID before it, <c>{32 hexadecimal digits}\EFI\...</c>, its place on that one.</param>
/// <param name="Options">The loader's options; empty for none.</param>
/// <param name="HasAgent">Whether the project's agent runs in it and can be talked to.</param>
public sealed record Guest(string Name, string Loader, string Options, bool HasAgent)
{
    /// <summary>Lines for the guest's variable: <c>memory=40%</c>, <c>initrd=\EFI\debian\initrd.img</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Files for the system partition: place there, file of this machine.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    /// <summary>The guest's own disk, if it has one.</summary>
    public AttachedDisk? Disk { get; init; }
}

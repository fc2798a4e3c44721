using System;
using Switcher.Boot.Image;
using Switcher.Boot.Memory;
using Switcher.Efi.Cpu;
using Switcher.Efi.Host;
using Switcher.Hv.Paging;

namespace Switcher.Efi.Launch;

/// <summary>
/// The copy of Switcher's image that becomes the hypervisor. The original stays the firmware's and runs the boot side; after launch nobody
/// but the hypervisor sees the copy. Static variables go along as they are; an address in one that was set at run time still points into
/// the original.
/// </summary>
internal static unsafe class ImageCopy
{
    /// <summary>Where the image that executes this lies: the original or the copy.</summary>
    public static ulong Base => HostStubs.AddressOfImageBase();

    /// <summary>Bytes of the image in memory, whole pages.</summary>
    public static ulong Bytes => PageSize.AlignUp(Headers().SizeOfImage, PageSize.Small);

    /// <summary>Copies the image and relocates the copy.</summary>
    /// <param name="target"><see cref="Bytes"/> of memory.</param>
    /// <param name="delta">What to add to an address in this image to get the same in the copy.</param>
    public static PeStatus Make(HostPhysicalAddress target, out ulong delta)
    {
        // SAFETY: the firmware loaded the image at its base, and the target is as large.
        var copy = new Span<byte>((void*)target.Value, (int)Bytes);
        new ReadOnlySpan<byte>((void*)Base, (int)Bytes).CopyTo(copy);
        delta = target.Value - Base;
        return PeLoader.Relocate(copy, Headers(), Base, target.Value);
    }

    /// <summary>Maps the copy's sections with what they need and no more.</summary>
    public static PageTableStatus Protect(NestedPageTable<HostFormat, Platform> table, HostPhysicalAddress copy, ref PageArena arena)
    {
        PeImage headers = Headers();
        PageTableStatus status = PageTableStatus.Ok;
        for (int i = 0; i < headers.SectionCount && status == PageTableStatus.Ok; i++)
        {
            PeSection section = headers.Section(i);
            Access access = (section.Flags & PeSectionFlags.Execute) != 0 ? Access.ReadExecute
                : (section.Flags & PeSectionFlags.Write) != 0 ? Access.ReadWrite : Access.Read;
            var range = new MemoryRange(copy.Value + section.VirtualAddress, PageSize.AlignUp(section.MemorySize, PageSize.Small));
            status = table.MapIdentity(range, access, CacheType.WriteBack, ref arena);
        }
        return status;
    }

    private static PeImage Headers()
    {
        // The headers are those that our linker wrote: they fit into a page, and there is nothing to doubt.
        PeImage.TryParse(new ReadOnlySpan<byte>((void*)Base, (int)PageSize.Small), out PeImage headers);
        return headers;
    }
}

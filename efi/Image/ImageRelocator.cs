using System;
using Switcher.Efi.Uefi;
using Switcher.Hv.Image;

namespace Switcher.Efi.Image;

/// <summary>
/// Copies the running program to memory that stays its own: what firmware loaded it into belongs to the operating system after
/// ExitBootServices(). UEFI 2.10, section 7.2 "Memory Allocation Services", EfiLoaderCode.
/// </summary>
internal static unsafe class ImageRelocator
{
    /// <summary>
    /// Copies the image to <paramref name="target"/>, which has room for <see cref="LoadedImage.ImageSize"/> bytes, and makes it run there.
    /// Static variables go along as they are now; an address in one that was set at run time still points into the old image.
    /// </summary>
    /// <param name="distance">What to add to an address in this image to get its twin in the copy.</param>
    internal static PeStatus Copy(LoadedImage* loaded, void* target, out ulong distance)
    {
        // SAFETY: firmware says that these bytes are the image, and the caller that the target is as large.
        var source = new ReadOnlySpan<byte>(loaded->ImageBase, checked((int)loaded->ImageSize));
        var copy = new Span<byte>(target, source.Length);
        distance = (ulong)target - (ulong)loaded->ImageBase;
        source.CopyTo(copy);
        PeStatus status = PeImage.TryParse(copy, out PeImage image);
        return status == PeStatus.Success ? PeLoader.Relocate(copy, image, (ulong)loaded->ImageBase, (ulong)target) : status;
    }
}

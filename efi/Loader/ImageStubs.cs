using System.Runtime;
using System.Runtime.CompilerServices;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Loader;

/// <summary>Going into an image and back out of it: machine code of <c>efi/Stubs</c>.</summary>
internal static unsafe class ImageStubs
{
    /// <summary>Calls an image's entry point.</summary>
    /// <param name="entryPoint">UEFI 2.10, 4.1.1 EFI_IMAGE_ENTRY_POINT.</param>
    /// <param name="image">Its first argument.</param>
    /// <param name="table">Its second argument.</param>
    /// <param name="stackTop">End of the stack that it runs on, 16-byte aligned; 0 for the present one.</param>
    /// <param name="frame">Receives what <see cref="LeaveImage"/> needs.</param>
    /// <returns>What the image returned, or what was passed to <see cref="LeaveImage"/>.</returns>
    [RuntimeImport("*", "RunImage")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern EfiStatus RunImage(ulong entryPoint, Handle image, SystemTable* table, ulong stackTop, ulong* frame);

    /// <summary>Makes the call of <see cref="RunImage"/> that filled the frame return, from anywhere below it.</summary>
    [RuntimeImport("*", "LeaveImage")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    public static extern void LeaveImage(ulong* frame, EfiStatus status);
}

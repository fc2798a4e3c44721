using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using Switcher.Efi.Uefi;
using Switcher.Stubs.Shared;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Switcher.Efi.Cpu;

/// <summary>
/// The boot side's machine code, <c>stubs/BootStubs.cs</c>: going into an image and out of it, and what is copied into a partition.
/// </summary>
internal static unsafe class BootStubs
{
    /// <summary>Calls an image's entry point.</summary>
    /// <param name="entryPoint">UEFI 2.10, 4.1.1 EFI_IMAGE_ENTRY_POINT.</param>
    /// <param name="image">Its first argument.</param>
    /// <param name="table">Its second argument.</param>
    /// <param name="stackTop">End of the stack that it runs on, 16-byte aligned; 0 for the present one.</param>
    /// <param name="frame">Receives what <see cref="LeaveImage"/> needs.</param>
    /// <returns>What the image returned, or what was passed to <see cref="LeaveImage"/>.</returns>
    [RuntimeImport, MethodImpl(InternalCall)]
    internal static extern EfiStatus RunImage(ulong entryPoint, Handle image, SystemTable* table, ulong stackTop, ulong* frame);

    /// <summary>Makes the call of <see cref="RunImage"/> that filled the frame return, from anywhere below it.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void LeaveImage(ulong* frame, EfiStatus status);

    /// <summary>
    /// The variadic services, for a table: each calls the export of the same name without "Thunk", with its further arguments as an array.
    /// </summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void InstallMultipleProtocolInterfacesThunk();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void UninstallMultipleProtocolInterfacesThunk();

    /// <summary>A guest's ExitBootServices: <see cref="ParkThunk"/> and its code.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void* AddressOfSvmParkThunk();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void* AddressOfVmxParkThunk();

    /// <summary>A guest's runtime services: <see cref="ServiceShim"/> and its code.</summary>
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void* AddressOfSvmServiceShim();
    [RuntimeImport, MethodImpl(InternalCall)] internal static extern void* AddressOfVmxServiceShim();

    /// <summary>Puts <see cref="PartitionCode"/> somewhere.</summary>
    internal static void CopyPartitionCode(byte* destination) =>
        new ReadOnlySpan<byte>(AddressOfPartitionCode(), PartitionCode.Length).CopyTo(new Span<byte>(destination, PartitionCode.Length));

    [RuntimeImport, MethodImpl(InternalCall)] private static extern void* AddressOfPartitionCode();
}

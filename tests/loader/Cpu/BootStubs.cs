using System;
using System.Collections.Generic;
using Switcher.Efi.Uefi;
using Switcher.Stubs.Shared;
using Switcher.Tests.Loader;

namespace Switcher.Efi.Cpu;

/// <summary>
/// The boot side's machine code in C#. An image is a <see cref="LoaderProgram"/>, found by the number at its entry point. It leaves, as the
/// machine code does, without coming back to its caller: with an exception, which the wrapper of the boot services in <see
/// cref="Tests.Loader.Services"/> throws again behind every frame of the product in between, for an exception must not cross one.
/// </summary>
internal static unsafe class BootStubs
{
    private static readonly byte[] s_code = GC.AllocateArray<byte>(ParkThunk.Length, pinned: true);
    private static readonly byte[] s_shim = GC.AllocateArray<byte>(ServiceShim.Length, pinned: true);
    private static ulong s_frames;

    /// <summary>What the images do.</summary>
    public static List<LoaderProgram> Programs { get; } = [];

    /// <summary>Where the innermost images are to go back to; 0 as long as they go on.</summary>
    public static ulong LeavingTo { get; private set; }

    private static EfiStatus LeavingWith { get; set; }

    public static void Reset()
    {
        Programs.Clear();
        LeavingTo = 0;
    }

    internal static EfiStatus RunImage(ulong entryPoint, Handle image, SystemTable* table, ulong stackTop, ulong* frame)
    {
        ulong own = ++s_frames;
        *frame = own;
        try
        {
            return Programs[*(int*)entryPoint](new Tests.Loader.Services(image, table));
        }
        catch (ImageLeftException)
        {
            if (LeavingTo != own)
                return EfiStatus.Aborted;
            LeavingTo = 0;
            return LeavingWith;
        }
    }

    /// <summary>Comes back, unlike the machine code: the caller goes on to the wrapper in <see cref="Tests.Loader.Services"/>.</summary>
    internal static void LeaveImage(ulong* frame, EfiStatus status)
    {
        LeavingTo = *frame;
        LeavingWith = status;
    }

    internal static void InstallMultipleProtocolInterfacesThunk() => throw new NotSupportedException();

    internal static void UninstallMultipleProtocolInterfacesThunk() => throw new NotSupportedException();

    internal static void* AddressOfSvmParkThunk() => AddressOfVmxParkThunk();

    internal static void* AddressOfVmxParkThunk()
    {
        fixed (byte* code = s_code)
            return code;
    }

    internal static void* AddressOfSvmServiceShim() => AddressOfVmxServiceShim();

    internal static void* AddressOfVmxServiceShim()
    {
        fixed (byte* code = s_shim)
            return code;
    }

    internal static void CopyPartitionCode(byte* destination) => new Span<byte>(destination, PartitionCode.Length).Fill(0xF4);
}

/// <summary>An image leaves its program: thrown where its machine code would not come back.</summary>
internal sealed class ImageLeftException : Exception;

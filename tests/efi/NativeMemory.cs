using System;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Switcher.Tests.Efi;

/// <summary>Memory that code may lie in. Behind its end is a page that nobody may touch.</summary>
internal sealed unsafe partial class NativeMemory : IDisposable
{
    private const int PageSize = 4096;
    private const int ProtectNone = 0;
    private const int ProtectAll = 7;
    private const int MapPrivateAnonymous = 0x22;

    private readonly nint _start;
    private readonly nuint _length;

    /// <param name="length">A multiple of a page's.</param>
    public NativeMemory(int length)
    {
        _length = (nuint)length;
        _start = Mmap(0, _length + PageSize, ProtectAll, MapPrivateAnonymous, -1, 0);
        if (_start == -1 || Mprotect(_start + length, PageSize, ProtectNone) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "no memory");
    }

    public ulong Start => (ulong)_start;

    public ulong End => Start + _length;

    // SAFETY: the mapping is as long as that until it is disposed of with its test.
    public Span<byte> Bytes => new((void*)_start, (int)_length);

    public void Dispose() => _ = Munmap(_start, _length + PageSize);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Mmap(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Mprotect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Munmap(nint address, nuint length);
}

using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Switcher.Boot.Memory;

namespace Switcher.Tests.Boot.Memory;

/// <summary>Physical memory of any size, of which only the pages that are touched exist. Each test thread has its own.</summary>
public readonly struct TestMemory : IPhysicalMemory
{
    [ThreadStatic]
    private static Dictionary<ulong, byte[]>? pages;

    public static void Clear() => pages = [];

    public static ref T At<T>(HostPhysicalAddress address)
        where T : unmanaged
    {
        return ref MemoryMarshal.Cast<byte, T>(Page(address).AsSpan((int)(address.Value % PageSize.Small)))[0];
    }

    public static Span<byte> Bytes(HostPhysicalAddress address, int length) =>
        Page(address).AsSpan((int)(address.Value % PageSize.Small), length);

    private static byte[] Page(HostPhysicalAddress address)
    {
        pages ??= [];
        ref byte[]? page = ref CollectionsMarshal.GetValueRefOrAddDefault(pages, address.Value / PageSize.Small, out _);
        if (page is null)
        {
            page = new byte[PageSize.Small];
            page.AsSpan().Fill(0xCC);
        }

        return page;
    }
}

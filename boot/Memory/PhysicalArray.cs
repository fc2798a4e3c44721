using System.Runtime.CompilerServices;

namespace Switcher.Boot.Memory;

/// <summary>An array of structures in physical memory that the hypervisor owns.</summary>
/// <typeparam name="T">The element.</typeparam>
public readonly struct PhysicalArray<T>
    where T : unmanaged
{
    private readonly HostPhysicalAddress _base;

    public PhysicalArray(HostPhysicalAddress @base, int count)
    {
        _base = @base;
        Count = count;
    }

    public int Count { get; }

    /// <summary>Bytes that <paramref name="count"/> elements take.</summary>
    public static ulong BytesFor(int count) => (ulong)count * (ulong)Unsafe.SizeOf<T>();

    /// <summary>The element at <paramref name="index"/>, which the caller has checked against <see cref="Count"/>.</summary>
    public ref T At<TMemory>(int index)
        where TMemory : IPhysicalMemory
        => ref TMemory.At<T>(_base + ((ulong)index * (ulong)Unsafe.SizeOf<T>()));
}

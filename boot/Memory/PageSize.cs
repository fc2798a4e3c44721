namespace Switcher.Boot.Memory;

/// <summary>Sizes of pages in bytes, and rounding to them.</summary>
public static class PageSize
{
    public const ulong Small = 4096;
    public const ulong Large = 2 * 1024 * 1024;
    public const ulong Huge = 1024 * 1024 * 1024;

    /// <summary>Rounds down to a multiple of <paramref name="size"/>, a power of two.</summary>
    public static ulong AlignDown(ulong value, ulong size) => value & ~(size - 1);

    /// <summary>
    /// Rounds up to a multiple of <paramref name="size"/>, a power of two. The caller knows that the sum does not overflow.
    /// </summary>
    public static ulong AlignUp(ulong value, ulong size) => (value + size - 1) & ~(size - 1);
}

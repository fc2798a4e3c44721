namespace Switcher.Hv.Cpu;

/// <summary>
/// A segment register with its hidden part, in a form that fits both vendors. Attributes are in the format of SDM vol. 3, 25.4.1
/// Guest Register State: bits 7:0 are bits 47:40 of the descriptor, bits 15:12 its bits 55:52, and bit 16 means unusable.
/// </summary>
public struct SegmentRegister
{
    /// <summary>A null or absent segment: every use of it faults.</summary>
    public const uint Unusable = 0x1_0000;

    public ushort Selector;
    public uint Attributes;
    public uint Limit;
    public ulong Base;

    public SegmentRegister(ushort selector, uint attributes, uint limit, ulong @base)
    {
        Selector = selector;
        Attributes = attributes;
        Limit = limit;
        Base = @base;
    }

    /// <summary>CS.L: 64-bit code.</summary>
    public readonly bool IsLong => (Attributes & 0x2000) != 0;

    /// <summary>D/B: default operand and address size is 32 bits.</summary>
    public readonly bool IsDefaultBig => (Attributes & 0x4000) != 0;

    /// <summary>
    /// What a segment register holds after it was loaded with <paramref name="selector"/> from a global descriptor table
    /// (APM vol. 2, 4.7 and 4.8 descriptors; system segments take 16 bytes in long mode).
    /// </summary>
    /// <param name="low">The descriptor's 8 bytes.</param>
    /// <param name="high">The next 8 bytes, used when <paramref name="isLongSystem"/>.</param>
    public static SegmentRegister FromDescriptor(ushort selector, ulong low, ulong high, bool isLongSystem)
    {
        if ((selector & 0xFFFC) == 0)
            return new SegmentRegister(selector, Unusable, 0, 0);
        uint attributes = (uint)(low >> 40) & 0xF0FF;
        uint limit = (uint)(low & 0xFFFF) | ((uint)(low >> 32) & 0xF_0000);
        if ((attributes & 0x8000) != 0)
            limit = (limit << 12) | 0xFFF;
        ulong segmentBase = ((low >> 16) & 0xFF_FFFF) | ((low >> 32) & 0xFF00_0000);
        if (isLongSystem)
            segmentBase |= high << 32;
        return new SegmentRegister(selector, attributes, limit, segmentBase);
    }
}

using System;

namespace Switcher.Acpi.Aml;

/// <summary>
/// Remembers, as a Bloom filter over last name segments, which methods may take arguments. Passing over an expression needs to know that of
/// every name in it, and nearly all names are not methods. The bytes are looked at without regard to the grammar, so that nothing is
/// missed; what is remembered in vain costs a search.
/// </summary>
internal readonly ref struct AmlMethodFilter
{
    /// <summary>Elements of working memory: 64 Kibit, a real machine having a few thousand methods.</summary>
    public const int Length = 2048;

    private readonly Span<uint> _bits;

    /// <param name="bits"><see cref="Length"/> elements, cleared here.</param>
    public AmlMethodFilter(Span<uint> bits)
    {
        _bits = bits.Slice(0, Length);
        _bits.Clear();
        Add(0x49534F5F); // _OSI, which no block defines
    }

    /// <summary>Adds the methods of a definition block.</summary>
    public void Add(ReadOnlySpan<byte> aml)
    {
        const byte methodObject = 8; // ObjectType of an External
        for (int i = Sdt.HeaderLength; i < aml.Length; i++)
        {
            int position = i + 1;
            bool isMethod = aml[i] == AmlOpcode.Method && AmlReader.TryReadPkgLength(aml, ref position, aml.Length, out _);
            if (!isMethod && aml[i] != AmlOpcode.External)
                continue;
            if (!AmlReader.TryReadName(aml, ref position, aml.Length, out AmlName name) || name.SegmentCount == 0)
                continue;
            bool takesArguments = isMethod
                ? position < aml.Length && (aml[position] & 7) != 0
                : position + 1 < aml.Length && aml[position] == methodObject && aml[position + 1] is > 0 and <= 7;
            if (takesArguments)
                Add(AmlReader.Segment(aml, name, name.SegmentCount - 1));
        }
    }

    public bool MayContain(uint segment) => IsSet(First(segment)) && IsSet(Second(segment));

    private void Add(uint segment)
    {
        _bits[First(segment) / 32] |= 1u << (First(segment) % 32);
        _bits[Second(segment) / 32] |= 1u << (Second(segment) % 32);
    }

    private bool IsSet(int bit) => (_bits[bit / 32] & (1u << (bit % 32))) != 0;

    private static int First(uint segment) => (int)((segment * 0x9E3779B1) >> 16);

    private static int Second(uint segment) => (int)((segment * 0x85EBCA6B) >> 16);
}

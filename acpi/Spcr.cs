using System;

namespace Switcher.Acpi;

/// <summary>Serial Port Console Redirection table (Microsoft, "Serial Port Console Redirection Table", revision 4).</summary>
public readonly ref struct Spcr
{
    public const int MinimumLength = 80;

    private readonly ReadOnlySpan<byte> _bytes;

    /// <param name="bytes">The whole table; one shorter than <see cref="MinimumLength"/> has nothing in it.</param>
    public Spcr(ReadOnlySpan<byte> bytes) => _bytes = bytes.Length < MinimumLength ? default : bytes;

    public bool IsValid => !_bytes.IsEmpty;

    /// <summary>0 for a 16550 that is fully compatible, 1 for one as DBGP defines it; others are not PC serial ports.</summary>
    public byte InterfaceType => _bytes.IsEmpty ? (byte)0 : _bytes[36];

    /// <summary>Where the port is; not present when console redirection is off.</summary>
    public GenericAddress BaseAddress => _bytes.IsEmpty ? default : GenericAddress.Read(_bytes.Slice(40));
}

using System;

namespace Switcher.Efi.Uefi;

/// <summary>
/// EFI_STATUS: UEFI 2.10, appendix D "Status Codes". The highest bit marks an error. The name keeps its prefix beside the hypervisor's own
/// <c>Status</c>.
/// </summary>
public readonly struct EfiStatus(ulong value) : IEquatable<EfiStatus>
{
    private const ulong Error = 0x8000_0000_0000_0000;

    public static EfiStatus Success => new(0);
    public static EfiStatus LoadError => new(Error | 1);
    public static EfiStatus InvalidParameter => new(Error | 2);
    public static EfiStatus Unsupported => new(Error | 3);
    public static EfiStatus BadBufferSize => new(Error | 4);
    public static EfiStatus BufferTooSmall => new(Error | 5);
    public static EfiStatus NotReady => new(Error | 6);
    public static EfiStatus DeviceError => new(Error | 7);
    public static EfiStatus WriteProtected => new(Error | 8);
    public static EfiStatus OutOfResources => new(Error | 9);
    public static EfiStatus VolumeCorrupted => new(Error | 10);
    public static EfiStatus VolumeFull => new(Error | 11);
    public static EfiStatus NoMedia => new(Error | 12);
    public static EfiStatus MediaChanged => new(Error | 13);
    public static EfiStatus NotFound => new(Error | 14);
    public static EfiStatus AccessDenied => new(Error | 15);
    public static EfiStatus NoResponse => new(Error | 16);
    public static EfiStatus NoMapping => new(Error | 17);
    public static EfiStatus Timeout => new(Error | 18);
    public static EfiStatus NotStarted => new(Error | 19);
    public static EfiStatus AlreadyStarted => new(Error | 20);
    public static EfiStatus Aborted => new(Error | 21);
    public static EfiStatus IncompatibleVersion => new(Error | 25);
    public static EfiStatus SecurityViolation => new(Error | 26);
    public static EfiStatus CrcError => new(Error | 27);
    public static EfiStatus CompromisedData => new(Error | 33);

    /// <summary>The code as firmware gives it.</summary>
    public ulong Value => value;

    public bool IsError => (value & Error) != 0;

    public static bool operator ==(EfiStatus left, EfiStatus right) => left.Value == right.Value;

    public static bool operator !=(EfiStatus left, EfiStatus right) => left.Value != right.Value;

    public bool Equals(EfiStatus other) => value == other.Value;

    public override bool Equals(object? obj) => obj is EfiStatus other && Equals(other);

    public override int GetHashCode() => (int)value;
}

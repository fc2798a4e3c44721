using System;

namespace Switcher.Boot.Memory;

/// <summary>
/// A physical address of the machine, in bytes. Different from <see cref="GuestPhysicalAddress"/> so that the two never mix unseen.
/// </summary>
public readonly struct HostPhysicalAddress : IEquatable<HostPhysicalAddress>
{
    /// <summary>The address in bytes.</summary>
    public readonly ulong Value;

    public HostPhysicalAddress(ulong value) => Value = value;

    public bool IsNull => Value == 0;

    public static HostPhysicalAddress operator +(HostPhysicalAddress address, ulong bytes) => new(address.Value + bytes);

    public static bool operator ==(HostPhysicalAddress left, HostPhysicalAddress right) => left.Value == right.Value;

    public static bool operator !=(HostPhysicalAddress left, HostPhysicalAddress right) => left.Value != right.Value;

    public bool Equals(HostPhysicalAddress other) => Value == other.Value;

    public override bool Equals(object? obj) => obj is HostPhysicalAddress other && Equals(other);

    public override int GetHashCode() => (int)(Value >> 12);
}

/// <summary>
/// An address as a guest sees physical memory, in bytes. For a partition it equals the host's; for private low memory it does not.
/// </summary>
public readonly struct GuestPhysicalAddress : IEquatable<GuestPhysicalAddress>
{
    /// <summary>The address in bytes.</summary>
    public readonly ulong Value;

    public GuestPhysicalAddress(ulong value) => Value = value;

    public static GuestPhysicalAddress operator +(GuestPhysicalAddress address, ulong bytes) => new(address.Value + bytes);

    public static bool operator ==(GuestPhysicalAddress left, GuestPhysicalAddress right) => left.Value == right.Value;

    public static bool operator !=(GuestPhysicalAddress left, GuestPhysicalAddress right) => left.Value != right.Value;

    public bool Equals(GuestPhysicalAddress other) => Value == other.Value;

    public override bool Equals(object? obj) => obj is GuestPhysicalAddress other && Equals(other);

    public override int GetHashCode() => (int)(Value >> 12);
}

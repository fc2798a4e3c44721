namespace System;

/// <summary>A signed 8-bit integer.</summary>
public readonly struct SByte : IEquatable<sbyte>
{
    public const sbyte MaxValue = 0x7F;
    public const sbyte MinValue = -0x7F - 1;

    private readonly sbyte _value;

    public bool Equals(sbyte obj) => _value == obj;
}

/// <summary>An unsigned 8-bit integer.</summary>
public readonly struct Byte : IEquatable<byte>
{
    public const byte MaxValue = 0xFF;
    public const byte MinValue = 0;

    private readonly byte _value;

    public bool Equals(byte obj) => _value == obj;
}

/// <summary>A signed 16-bit integer.</summary>
public readonly struct Int16 : IEquatable<short>
{
    public const short MaxValue = 0x7FFF;
    public const short MinValue = -0x7FFF - 1;

    private readonly short _value;

    public bool Equals(short obj) => _value == obj;
}

/// <summary>An unsigned 16-bit integer.</summary>
public readonly struct UInt16 : IEquatable<ushort>
{
    public const ushort MaxValue = 0xFFFF;
    public const ushort MinValue = 0;

    private readonly ushort _value;

    public bool Equals(ushort obj) => _value == obj;
}

/// <summary>A signed 32-bit integer.</summary>
public readonly struct Int32 : IEquatable<int>
{
    public const int MaxValue = 0x7FFF_FFFF;
    public const int MinValue = -0x7FFF_FFFF - 1;

    private readonly int _value;

    public bool Equals(int obj) => _value == obj;
}

/// <summary>An unsigned 32-bit integer.</summary>
public readonly struct UInt32 : IEquatable<uint>
{
    public const uint MaxValue = 0xFFFF_FFFF;
    public const uint MinValue = 0;

    private readonly uint _value;

    public bool Equals(uint obj) => _value == obj;
}

/// <summary>A signed 64-bit integer.</summary>
public readonly struct Int64 : IEquatable<long>
{
    public const long MaxValue = 0x7FFF_FFFF_FFFF_FFFF;
    public const long MinValue = -0x7FFF_FFFF_FFFF_FFFF - 1;

    private readonly long _value;

    public bool Equals(long obj) => _value == obj;
}

/// <summary>An unsigned 64-bit integer.</summary>
public readonly struct UInt64 : IEquatable<ulong>
{
    public const ulong MaxValue = 0xFFFF_FFFF_FFFF_FFFF;
    public const ulong MinValue = 0;

    private readonly ulong _value;

    public bool Equals(ulong obj) => _value == obj;
}

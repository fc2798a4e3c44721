namespace System;

/// <summary>A globally unique identifier, in memory as firmware and Windows have it.</summary>
public readonly struct Guid : IEquatable<Guid>
{
    public static readonly Guid Empty;

    private readonly uint _a;
    private readonly ushort _b;
    private readonly ushort _c;
    private readonly byte _d;
    private readonly byte _e;
    private readonly byte _f;
    private readonly byte _g;
    private readonly byte _h;
    private readonly byte _i;
    private readonly byte _j;
    private readonly byte _k;

    public Guid(uint a, ushort b, ushort c, byte d, byte e, byte f, byte g, byte h, byte i, byte j, byte k)
    {
        _a = a;
        _b = b;
        _c = c;
        _d = d;
        _e = e;
        _f = f;
        _g = g;
        _h = h;
        _i = i;
        _j = j;
        _k = k;
    }

    public static bool operator ==(Guid a, Guid b) => a.Equals(b);

    public static bool operator !=(Guid a, Guid b) => !a.Equals(b);

    public bool Equals(Guid g) =>
        _a == g._a && _b == g._b && _c == g._c && _d == g._d && _e == g._e && _f == g._f && _g == g._g && _h == g._h
        && _i == g._i && _j == g._j && _k == g._k;

    public override bool Equals(object? o) => o is Guid other && Equals(other);

    public override int GetHashCode() => (int)_a;
}

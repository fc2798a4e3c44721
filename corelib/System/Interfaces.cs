namespace System;

/// <summary>A type whose values compare with those of another.</summary>
public interface IEquatable<T>
    where T : allows ref struct
{
    bool Equals(T? other);
}

/// <summary>A type that gives something back at the end of a <c>using</c>.</summary>
public interface IDisposable
{
    void Dispose();
}

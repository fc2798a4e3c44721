using System;
using System.Collections.Generic;
using System.Text;

namespace Switcher.Tests.Acpi;

/// <summary>Writes AML, one function for each ASL term that the tests use.</summary>
internal static class Aml
{
    public static readonly byte[] Zero = [0x00];
    public static readonly byte[] One = [0x01];
    public static readonly byte[] Ones = [0xFF];

    public static byte[] Byte(byte value) => [0x0A, value];

    public static byte[] Word(ushort value) => [0x0B, (byte)value, (byte)(value >> 8)];

    public static byte[] DWord(uint value) => [0x0C, .. BitConverter.GetBytes(value)];

    public static byte[] QWord(ulong value) => [0x0E, .. BitConverter.GetBytes(value)];

    public static byte[] String(string text) => [0x0D, .. Encoding.ASCII.GetBytes(text), 0];

    /// <summary>A name string: <c>\_S3_</c>, <c>_SB_.PCI0</c>, <c>^FOO_</c>; segments are padded with underscores.</summary>
    public static byte[] Path(string path)
    {
        List<byte> bytes = [];
        int start = 0;
        while (start < path.Length && path[start] is '\\' or '^')
            bytes.Add((byte)path[start++]);
        string rest = path[start..];
        string[] segments = rest.Length == 0 ? [] : rest.Split('.');
        switch (segments.Length)
        {
            case 0:
                bytes.Add(0);
                break;
            case 1:
                break;
            case 2:
                bytes.Add(0x2E);
                break;
            default:
                bytes.AddRange([0x2F, (byte)segments.Length]);
                break;
        }
        foreach (string segment in segments)
            bytes.AddRange(Encoding.ASCII.GetBytes(segment.PadRight(4, '_')));
        return [.. bytes];
    }

    public static byte[] Name(string path, byte[] data) => [0x08, .. Path(path), .. data];

    public static byte[] Alias(string source, string alias) => [0x06, .. Path(source), .. Path(alias)];

    public static byte[] Package(params byte[][] elements) => Package((byte)elements.Length, elements);

    public static byte[] Package(byte count, byte[][] elements) => [0x12, .. Sized([count, .. Join(elements)])];

    public static byte[] VarPackage(byte[] count, params byte[][] elements) => [0x13, .. Sized([.. count, .. Join(elements)])];

    public static byte[] Buffer(params byte[] bytes) => [0x11, .. Sized([0x0A, (byte)bytes.Length, .. bytes])];

    public static byte[] Scope(string path, params byte[][] terms) => [0x10, .. Sized([.. Path(path), .. Join(terms)])];

    public static byte[] Device(string path, params byte[][] terms) => [0x5B, 0x82, .. Sized([.. Path(path), .. Join(terms)])];

    public static byte[] Processor(string path, params byte[][] terms) =>
        [0x5B, 0x83, .. Sized([.. Path(path), 1, 0x10, 0x04, 0, 0, 6, .. Join(terms)])];

    public static byte[] Method(string path, int arguments, params byte[][] terms) =>
        [0x14, .. Sized([.. Path(path), (byte)arguments, .. Join(terms)])];

    public static byte[] Return(byte[] value) => [0xA4, .. value];

    public static byte[] If(byte[] predicate, params byte[][] terms) => [0xA0, .. Sized([.. predicate, .. Join(terms)])];

    public static byte[] Else(params byte[][] terms) => [0xA1, .. Sized(Join(terms))];

    public static byte[] While(byte[] predicate, params byte[][] terms) => [0xA2, .. Sized([.. predicate, .. Join(terms)])];

    public static byte[] LNot(byte[] value) => [0x92, .. value];

    public static byte[] LAnd(byte[] one, byte[] other) => [0x90, .. one, .. other];

    public static byte[] LOr(byte[] one, byte[] other) => [0x91, .. one, .. other];

    public static byte[] LEqual(byte[] one, byte[] other) => [0x93, .. one, .. other];

    public static byte[] LGreater(byte[] one, byte[] other) => [0x94, .. one, .. other];

    public static byte[] And(byte[] one, byte[] other) => [0x7B, .. one, .. other, 0];

    public static byte[] CondRefOf(string path) => [0x5B, 0x12, .. Path(path), 0];

    public static byte[] External(string path, byte type, byte arguments) => [0x15, .. Path(path), type, arguments];

    public static byte[] OperationRegion(string path, byte space, byte[] address, byte[] length) =>
        [0x5B, 0x80, .. Path(path), space, .. address, .. length];

    /// <summary>A field with units of a name and a length in bits; an empty name leaves the bits out.</summary>
    public static byte[] Field(string region, params (string Name, int Bits)[] units)
    {
        List<byte> list = [.. Path(region), 0x01];
        foreach ((string name, int bits) in units)
        {
            list.AddRange(name.Length == 0 ? [0] : Encoding.ASCII.GetBytes(name.PadRight(4, '_')));
            list.AddRange(PkgLength(bits));
        }
        return [0x5B, 0x81, .. Sized([.. list])];
    }

    /// <summary>Terms with a PkgLength in front, which counts itself.</summary>
    public static byte[] Sized(byte[] contents)
    {
        for (int size = 1; size <= 4; size++)
        {
            byte[] length = PkgLength(contents.Length + size);
            if (length.Length == size)
                return [.. length, .. contents];
        }
        throw new ArgumentException("too long", nameof(contents));
    }

    public static byte[] Join(params byte[][] terms)
    {
        List<byte> bytes = [];
        foreach (byte[] term in terms)
            bytes.AddRange(term);
        return [.. bytes];
    }

    private static byte[] PkgLength(int value) => value switch
    {
        < 0x40 => [(byte)value],
        < 0x1000 => [(byte)(0x40 | (value & 15)), (byte)(value >> 4)],
        < 0x100000 => [(byte)(0x80 | (value & 15)), (byte)(value >> 4), (byte)(value >> 12)],
        _ => [(byte)(0xC0 | (value & 15)), (byte)(value >> 4), (byte)(value >> 12), (byte)(value >> 20)],
    };
}

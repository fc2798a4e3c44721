using System;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static Switcher.Tests.CoreLib.Program;

namespace Switcher.Tests.CoreLib;

/// <summary>What the C# compiler and the code generator make of the language.</summary>
internal static unsafe class LanguageChecks
{
    private static readonly Register _constant = new(0x1_2345_6789);
    private static readonly Guid _guid = new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    private static int _variable = 7;
    private static Eight _eight;

    private interface IOperation
    {
        static abstract int Apply(int value);
    }

    private static ReadOnlySpan<ushort> Words => [1, 2, 3, 4];

    private static ReadOnlySpan<byte> Text => "abc"u8;

    public static void Run()
    {
        Expect(Apply<Successor>(5) == 6, "static abstract members of the first structure");
        Expect(Apply<Double>(5) == 10, "static abstract members of the second structure");
        Expect(_constant.Value == 0x1_2345_6789, "a static structure computed at compile time");
        Expect(_guid == new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), "a static GUID computed at compile time");
        Expect(_variable++ == 7 && _variable == 8, "a static variable");
        Expect(Words[3] == 4, "constant data of 16 bits");
        Expect(Text.SequenceEqual("abc"u8) && Text.Length == 3, "UTF-8 literals");
        Expect("text".Length == 4 && "text"[1] == 'e' && "text".AsSpan()[3] == 't', "string literals");
        delegate* unmanaged<int, int, int> callback = &Callback;
        Expect(callback(3, 4) == 34, "unmanaged function pointers");
        delegate*<int, int> managed = &Successor.Apply;
        Expect(managed(3) == 4, "managed function pointers");
        int? maybe = null;
        Expect(maybe is null && (maybe = 4) == 4 && maybe.Value == 4, "nullable values");
        Expect(TwoInts(out int second) == 1 && second == 2, "out parameters");
        (int sum, ulong product) = SumAndProduct(3, 4);
        Expect(sum == 7 && product == 12, "tuples");
        InlineArrays();
        RefStructs();
    }

    private static void InlineArrays()
    {
        _eight[3] = 5;
        Span<ulong> span = _eight;
        Expect(span.Length == 8 && span[3] == 5, "inline arrays as spans");
        ulong sum = 0;
        foreach (ulong value in _eight)
            sum += value;
        Expect(sum == 5, "inline arrays in foreach");
        byte* buffer = stackalloc byte[5000];
        buffer[4999] = 1;
        Expect(buffer[4999] == 1 && buffer[0] == 0, "frames larger than a page");
    }

    private static void RefStructs()
    {
        var cursor = new Cursor("abcdef"u8);
        Expect(cursor.TryRead(out uint first) && first == 0x6463_6261, "a ref structure's method");
        Expect(!cursor.TryRead(out _), "a ref structure's state");
    }

    private static int Apply<T>(int value)
        where T : struct, IOperation => T.Apply(value);

    private static (int Sum, ulong Product) SumAndProduct(int left, int right) => (left + right, (ulong)left * (ulong)right);

    private static int TwoInts(out int second)
    {
        second = 2;
        return 1;
    }

    [UnmanagedCallersOnly]
    private static int Callback(int tens, int ones) => (tens * 10) + ones;

    private readonly struct Successor : IOperation
    {
        public static int Apply(int value) => value + 1;
    }

    private readonly struct Double : IOperation
    {
        public static int Apply(int value) => value * 2;
    }

    private readonly struct Register(ulong value)
    {
        public ulong Value => value;
    }

    [InlineArray(8)]
    private struct Eight
    {
        private ulong _first;
    }

    private ref struct Cursor(ReadOnlySpan<byte> data)
    {
        private ReadOnlySpan<byte> _rest = data;

        public bool TryRead(out uint value)
        {
            if (!BinaryPrimitives.TryReadUInt32LittleEndian(_rest, out value))
                return false;
            _rest = _rest[4..];
            return true;
        }
    }
}

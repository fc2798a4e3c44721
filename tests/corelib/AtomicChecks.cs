using System.Threading;
using static Switcher.Tests.CoreLib.Program;

namespace Switcher.Tests.CoreLib;

/// <summary>Atomic operations, as far as one thread can see them.</summary>
internal static class AtomicChecks
{
    public static void Run()
    {
        int number = 5;
        Expect(Interlocked.CompareExchange(ref number, 6, 5) == 5 && number == 6, "CompareExchange that matches");
        Expect(Interlocked.CompareExchange(ref number, 7, 5) == 6 && number == 6, "CompareExchange that does not");
        Expect(Interlocked.Exchange(ref number, 9) == 6 && Interlocked.Add(ref number, 2) == 11, "Exchange and Add");
        ulong wide = 1ul << 40;
        Expect(Interlocked.Increment(ref wide) == (1ul << 40) + 1 && Interlocked.Decrement(ref wide) == 1ul << 40, "counting in 64 bits");
        Expect(Interlocked.Or(ref wide, 3) == 1ul << 40 && Interlocked.And(ref wide, 1) == ((1ul << 40) | 3) && wide == 1, "Or and And");
        Expect(Interlocked.CompareExchange(ref wide, ulong.MaxValue, 1) == 1 && wide == ulong.MaxValue, "CompareExchange of 64 bits");
        Interlocked.MemoryBarrier();
        bool flag = false;
        Volatile.Write(ref flag, true);
        ushort half = 0;
        Volatile.Write(ref half, 7);
        Expect(Volatile.Read(ref flag) && Volatile.Read(ref half) == 7, "volatile accesses");
    }
}

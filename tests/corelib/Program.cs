using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace Switcher.Tests.CoreLib;

/// <summary>Runs every check, prints those that fail, and exits with their number; with an argument it breaks a rule instead.</summary>
internal static unsafe class Program
{
    private const int SystemWrite = 1;
    private const int SystemExitGroup = 231;
    private const int PanicStatus = 99;

    private static int _failures;

    public static void Expect(bool holds, string what)
    {
        if (holds)
            return;
        _failures++;
        Write("fails: ");
        Write(what);
        Write("\n");
    }

    [RuntimeExport("AgentMain")]
    private static int AgentMain(long* stackPointer)
    {
        if (stackPointer[0] > 1)
            return BreakARule((int)stackPointer[0]);
        LanguageChecks.Run();
        NumberChecks.Run();
        SpanChecks.Run();
        AtomicChecks.Run();
        if (_failures == 0)
            Write("every check holds\n");
        return _failures;
    }

    private static int BreakARule(int arguments)
    {
        ReadOnlySpan<byte> two = [1, 2];
        return two[arguments];
    }

    [RuntimeExport("Panic")]
    private static void Panic(string reason)
    {
        Write("panic: ");
        Write(reason);
        Write("\n");
        Syscall6(SystemExitGroup, PanicStatus, 0, 0, 0, 0, 0);
    }

    private static void Write(string text)
    {
        foreach (char unit in text.AsSpan())
        {
            byte one = (byte)unit;
            Syscall6(SystemWrite, 1, (long)&one, 1, 0, 0, 0);
        }
    }

    [RuntimeImport, MethodImpl(InternalCall)]
    private static extern long Syscall6(long number, long first, long second, long third, long fourth, long fifth, long sixth);
}

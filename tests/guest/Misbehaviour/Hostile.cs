using System;
using Switcher.Agent;

namespace Switcher.Tests.Guest.Misbehaviour;

/// <summary>Steps that no honest system takes.</summary>
internal static unsafe class Hostile
{
    public static bool TryRun(ReadOnlySpan<byte> name, Arguments arguments)
    {
        return false;
    }
}

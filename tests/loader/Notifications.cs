using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Loader;

/// <summary>What events call: C# by its number, which is the event's context.</summary>
internal static unsafe class Notifications
{
    private static readonly List<Action> s_actions = [];

    /// <returns>The context.</returns>
    public static void* Add(Action action)
    {
        s_actions.Add(action);
        return (void*)s_actions.Count;
    }

    [UnmanagedCallersOnly]
    public static void Run(Event @event, void* context) => s_actions[(int)context - 1]();
}

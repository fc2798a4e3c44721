using System.Runtime;

namespace Internal.Runtime;

/// <summary>
/// What generated code calls around native code. There is no collector to tell of the transition, so nothing is left to do.
/// </summary>
internal static unsafe class Transitions
{
    [RuntimeExport("RhpPInvoke")]
    private static void PInvoke(void* frame)
    {
    }

    [RuntimeExport("RhpPInvokeReturn")]
    private static void PInvokeReturn(void* frame)
    {
    }

    [RuntimeExport("RhpReversePInvoke")]
    private static void ReversePInvoke(void* frame)
    {
    }

    [RuntimeExport("RhpReversePInvokeReturn")]
    private static void ReversePInvokeReturn(void* frame)
    {
    }

    /// <summary>Called where a collector waits, which <c>RhpTrapThreads</c> denies.</summary>
    [RuntimeExport("RhpGcPoll")]
    private static void GcPoll()
    {
    }

    /// <summary>Called when a method finds the value beside its stack buffer changed.</summary>
    [RuntimeExport("RhpFallbackFailFast")]
    private static void FailFast() => System.ThrowHelper.Panic("stack buffer overrun");
}

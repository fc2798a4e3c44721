using System;

namespace Switcher.Hv.State;

/// <summary>Why the active guest gave up the machine.</summary>
public enum SwitchReason
{
    /// <summary>It asked for S3.</summary>
    Suspend,

    /// <summary>It asked for S4 or S5.</summary>
    Shutdown,

    /// <summary>It used one of the machine's reset registers.</summary>
    Reset,
    TripleFault,

    /// <summary>It did something that no CPU could go on from, such as page tables in another guest's memory.</summary>
    Crash,
}

/// <summary>The words of the log.</summary>
public static class SwitchReasonText
{
    public static ReadOnlySpan<byte> Of(SwitchReason reason) => reason switch
    {
        SwitchReason.Suspend => "s3"u8,
        SwitchReason.Shutdown => "shutdown"u8,
        SwitchReason.Reset => "reset"u8,
        SwitchReason.TripleFault => "triple-fault"u8,
        _ => "crash"u8,
    };
}

using System;

namespace Switcher.Hv.State;

/// <summary>Why the machine gets another owner.</summary>
public enum SwitchReason
{
    /// <summary>The firmware handed over to a guest that it has loaded.</summary>
    Boot,

    /// <summary>Nobody had the machine, because it slept.</summary>
    Wake,

    /// <summary>The active domain asked for S3.</summary>
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
        SwitchReason.Boot => "boot"u8,
        SwitchReason.Wake => "wake"u8,
        SwitchReason.Suspend => "s3"u8,
        SwitchReason.Shutdown => "shutdown"u8,
        SwitchReason.Reset => "reset"u8,
        SwitchReason.TripleFault => "triple-fault"u8,
        _ => "crash"u8,
    };
}

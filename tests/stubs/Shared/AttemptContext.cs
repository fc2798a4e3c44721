namespace Switcher.Tests.Stubs.Shared;

/// <summary>The state of a call that may fault: the stub <c>Attempt</c> fills the first three fields.</summary>
public struct AttemptContext
{
    /// <summary>RSP to go on with after a fault; 0 when no attempt runs.</summary>
    public ulong Rsp;

    /// <summary>RIP to go on at after a fault.</summary>
    public ulong Recovery;
    public ulong Result;

    /// <summary>The exception that came.</summary>
    public byte Vector;
    public ulong ErrorCode;
}

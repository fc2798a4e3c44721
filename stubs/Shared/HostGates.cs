namespace Switcher.Stubs.Shared;

/// <summary>The hypervisor's own descriptor tables, as far as machine code knows them.</summary>
public static class HostGates
{
    /// <summary>Selector of the code segment.</summary>
    public const int CodeSelector = 8;

    /// <summary>Selector of the data segment.</summary>
    public const int DataSelector = 16;

    /// <summary>
    /// Selector of the task: the last in its page, beyond the end of every firmware's own table. A CPU with VMX that is given back cannot
    /// empty its task register, and firmware that saves and loads that register again passes over a selector that its table does not have.
    /// </summary>
    public const int TaskSelector = 4096 - 16;

    /// <summary>Exceptions that have an entry in <c>HostExceptions</c>.</summary>
    public const int Exceptions = 32;

    /// <summary>Bytes from one exception's entry to the next.</summary>
    public const int ExceptionStride = 16;
}

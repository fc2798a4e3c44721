using System;

namespace Switcher.Ctl.Live;

/// <summary>Ends a verb with one sentence that names the remedy, and the exit status that scripts know it by.</summary>
public sealed class CtlFailure(ExitStatus status, string message) : Exception(message)
{
    public ExitStatus Status { get; } = status;
}

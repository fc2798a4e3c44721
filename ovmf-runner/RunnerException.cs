using System;

namespace Switcher.Runner;

/// <summary>A failure that is told to the user as it is: its message is one line that says what failed and what to do.</summary>
public sealed class RunnerException : Exception
{
    public RunnerException(string message)
        : base(message)
    {
    }

    public RunnerException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

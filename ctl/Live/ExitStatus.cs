namespace Switcher.Ctl.Live;

/// <summary>How a verb ends. Scripts see the numbers, which <c>switcherctl.8</c> explains; <c>check</c> has only the first three.</summary>
public enum ExitStatus
{
    Ok = 0,

    /// <summary>Switcher does not run; of <c>check</c>: it will not.</summary>
    NotRunning = 1,

    /// <summary>The command line, or what Switcher says of itself, is not understood; of <c>check</c>: it could not be told.</summary>
    NotUnderstood = 2,

    /// <summary>Only root may do that.</summary>
    NotRoot = 3,

    /// <summary>Linux was not started by UEFI.</summary>
    NoEfi = 4,

    /// <summary>The firmware's variables are not mounted, or read-only.</summary>
    NoVariables = 5,

    /// <summary>No system has that name, several have, or the one that has is in no state for it.</summary>
    WrongSystem = 6,

    /// <summary>A value that Switcher would not take.</summary>
    BadValue = 7,

    /// <summary>There is no other system that could have the machine.</summary>
    NobodyElse = 8,

    /// <summary>This Linux offers no suspend to RAM.</summary>
    NoDeepSleep = 9,

    /// <summary>A variable could not be written; it has its old value.</summary>
    NotWritten = 10,

    /// <summary>The system did not suspend.</summary>
    NotSuspended = 11,

    /// <summary>No EFI system partition is mounted so that it can be written to, or several are and none was chosen.</summary>
    NoSystemPartition = 12,

    /// <summary>There is no image to install, or it could not be copied.</summary>
    NoImage = 13,
}

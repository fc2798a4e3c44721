using System.Diagnostics.CodeAnalysis;

namespace Switcher.Ctl.Live;

/// <summary>What the Switcher that runs here says of itself.</summary>
public static class RunningSwitcher
{
    /// <summary>Asks it.</summary>
    /// <exception cref="CtlFailure">None runs, or it is not understood.</exception>
    public static SwitcherStatus Require(LinuxFiles files)
    {
        EfiAccess.RequireReadable(files);
        return TryAsk(files, out SwitcherStatus? status) ? status : throw NotRunning;
    }

    /// <summary>Asks it, if one runs.</summary>
    /// <exception cref="CtlFailure">It is not understood.</exception>
    public static bool TryAsk(LinuxFiles files, [NotNullWhen(true)] out SwitcherStatus? status)
    {
        status = null;
        if (EfiVariables.Read(files, "SwitcherStatus", EfiVariables.SwitcherVendor) is not { } value)
            return false;
        if (!SwitcherStatus.TryParse(value, out status))
            throw new CtlFailure(ExitStatus.NotUnderstood,
                "What Switcher says of itself is not understood; take the switcherctl that came with it.");
        return true;
    }

    /// <summary>What is said where none runs.</summary>
    public static CtlFailure NotRunning => new(ExitStatus.NotRunning,
        "Switcher does not run on this machine; start the machine with Switcher's boot option, and if it does not stay, ask "
        + "'switcherctl check' why.");
}

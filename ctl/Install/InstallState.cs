using System;
using System.Collections.Generic;
using System.Linq;
using Switcher.Boot.Config;
using Switcher.Ctl.Live;
using Switcher.Ctl.Systems;

namespace Switcher.Ctl.Install;

/// <summary>
/// Whether the firmware starts Switcher by itself. Firmware updates, Windows and packages of boot loaders put themselves first, or forget
/// options of others.
/// </summary>
/// <param name="Option">Switcher's boot option, the earliest in the firmware's order; null if there is none.</param>
/// <param name="Fault">What is wrong, in words that can follow a colon; null if nothing is.</param>
public sealed record InstallState(ushort? Option, string? Fault)
{
    private const string Repair = "'switcherctl install --repair' puts it first";

    /// <summary>As <c>BootOrder</c> and the options have it.</summary>
    public static InstallState Read(LinuxFiles files)
    {
        IReadOnlyList<SwitcherOption> options = SwitcherOption.FindAll(files);
        if (options.Count == 0)
            return new InstallState(null, "it has no boot option; 'switcherctl install' makes one");
        IReadOnlyList<ushort> order = BootOrder.Read(files);
        if (order.Select(number => options.FirstOrDefault(option => option.Number == number)).FirstOrDefault(option => option != null)
            is not { } option)
            return new InstallState(options[0].Number, $"its boot option {options[0].Number:X4} is not in the firmware's order; {Repair}");
        if (BootOption.TryParse(option.Value, out BootOption parsed) == BootOptionStatus.Ok && !parsed.IsActive)
            return new InstallState(option.Number, $"its boot option {option.Number:X4} is switched off; {Repair}");
        if (order[0] == option.Number)
            return new InstallState(option.Number, null);
        NamedSystem? first = BootMenu.Read(files).FirstOrDefault(system => system.Number == order[0]);
        return new InstallState(
            option.Number, $"its boot option {option.Number:X4} comes after {first?.Title ?? order[0].ToString("X4", null)}; {Repair}");
    }

    /// <summary>What is said where Switcher does not run.</summary>
    public CtlFailure NotRunning => Fault == null
        ? RunningSwitcher.NotRunning
        : new CtlFailure(ExitStatus.NotRunning, $"Switcher does not run on this machine: {Fault}.");
}

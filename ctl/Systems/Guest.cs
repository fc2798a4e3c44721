namespace Switcher.Ctl.Systems;

/// <summary>A system that Switcher runs, or would run.</summary>
/// <param name="Number">Of its boot option.</param>
/// <param name="Label">What the firmware's menu shows.</param>
/// <param name="State">As <c>SwitcherStatus</c> says it; null while Switcher does not run.</param>
/// <param name="Bytes">Its memory; null while Switcher does not run.</param>
/// <param name="Request">The memory that its configuration asks for, as that says it; null for an equal share.</param>
/// <param name="SleepsMachine">Whether to suspend it means that the machine sleeps, unless another system was named.</param>
public sealed record Guest(ushort Number, string Label, string? State, ulong? Bytes, string? Request, bool SleepsMachine)
    : NamedSystem(Number, Label)
{
    public bool IsActive => State == "active";
    public bool IsOff => State == "off";

    /// <summary>Whether it goes on, or begins, as soon as it has the machine.</summary>
    public bool HasSession => State is "suspended" or "parked";
}

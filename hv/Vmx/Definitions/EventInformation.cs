using Switcher.Hv.Vendor;

namespace Switcher.Hv.Vmx.Definitions;

/// <summary>
/// An event in the format that VM-entry interruption information, VM-exit interruption information and IDT-vectoring information share:
/// SDM vol. 3, 25.8.3 "VM-Entry Controls for Event Injection", 25.9.2, 25.9.3.
/// </summary>
public readonly struct EventInformation
{
    private const uint Valid = 1u << 31;
    private const uint HasErrorCodeBit = 1 << 11;
    private const uint TypeMask = 7 << 8;
    private const uint TypeNmi = 2 << 8;
    private const uint TypeHardwareException = 3 << 8;
    private const uint TypeSoftwareInterrupt = 4 << 8;
    private const uint TypePrivilegedException = 5 << 8;
    private const uint TypeSoftwareException = 6 << 8;
    private const uint Debug = Valid | TypeHardwareException | 1;
    private const uint MonitorTrap = Valid | TypeMask;

    // Bit 12 means something else, or nothing, in each of the three.
    private const uint Common = Valid | HasErrorCodeBit | TypeMask | 0xFF;

    public EventInformation(uint value) => Value = value;

    public uint Value { get; }

    public static EventInformation None => default;

    public bool IsValid => (Value & Valid) != 0;

    public bool IsNmi => IsValid && (Value & TypeMask) == TypeNmi;

    /// <summary>A fault or trap of the code that ran.</summary>
    public bool IsException => IsValid && (Value & TypeMask) == TypeHardwareException;

    public bool IsExternalInterrupt => IsValid && (Value & TypeMask) == 0;

    public bool IsMachineCheck => IsValid && (Value & TypeMask) == TypeHardwareException && (Value & 0xFF) == 18;

    /// <summary>
    /// Events that may be given to a halted guest: interrupts of both kinds, #DB, #MC, and the pending MTF exit, which is of type 7.
    /// </summary>
    public bool EndsHalt => IsExternalInterrupt || IsNmi || IsMachineCheck || (Value & (Valid | TypeMask | 0xFF)) is Debug or MonitorTrap;

    public bool HasErrorCode => (Value & HasErrorCodeBit) != 0;

    /// <summary>INT n, INT3, INTO and INT1: the CPU has to know how long the instruction is.</summary>
    public bool NeedsInstructionLength => (Value & TypeMask) is TypeSoftwareInterrupt or TypePrivilegedException or TypeSoftwareException;

    /// <summary>What to inject. In real mode no exception has an error code.</summary>
    public static EventInformation Of(GuestEvent guestEvent, bool isProtectedMode) => new((byte)guestEvent | guestEvent switch
    {
        GuestEvent.NonMaskableInterrupt => Valid | TypeNmi,
        GuestEvent.GeneralProtection when isProtectedMode => Valid | TypeHardwareException | HasErrorCodeBit,
        _ => Valid | TypeHardwareException,
    });

    /// <summary>The same event, for the next entry.</summary>
    public EventInformation Again() => new(IsValid ? Value & Common : 0);
}

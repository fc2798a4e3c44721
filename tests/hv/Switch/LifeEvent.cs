using CsCheck;

namespace Switcher.Tests.Hv.Switch;

/// <summary>What the active guest, the firmware, or somebody at the machine does next.</summary>
internal enum LifeEventKind
{
    Suspend,
    SuspendWithXVector,
    SuspendWithoutVector,
    ShutDown,
    Hibernate,
    Reset,
    TripleFault,
    Crash,
    StartCpus,
    InterruptCpus,
    PowerManagementWrite,
    GarbageHypercall,
    UseDevices,
    WriteMemory,
    ClearWakeStatus,
    Nmi,
    Smi,
    Cpuid,
    CallFirmware,
    EndCall,
    FailInCall,
    SetNext,
    SetSleep,
}

/// <summary>One event of a <see cref="GuestLife"/>.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Cpu">On which CPU, of those that run the guest.</param>
/// <param name="Value">What the kind makes of it: a port, a value, an address.</param>
/// <param name="IsHasty">The next event comes before the other CPUs have come to rest.</param>
internal readonly record struct LifeEvent(LifeEventKind Kind, int Cpu, uint Value, bool IsHasty)
{
    /// <summary>Ends of guests are rarer than the rest, so that sequences have a middle.</summary>
    public static readonly Gen<LifeEvent> Any = Gen.Select(
        Gen.OneOf(
            Gen.Enum<LifeEventKind>(),
            Gen.OneOf(LifeEventKind.Suspend, LifeEventKind.StartCpus, LifeEventKind.UseDevices, LifeEventKind.InterruptCpus,
                LifeEventKind.WriteMemory, LifeEventKind.PowerManagementWrite, LifeEventKind.CallFirmware, LifeEventKind.SetNext)),
        Gen.Int[0, 3],
        Gen.UInt,
        Gen.Int[0, 3],
        (kind, cpu, value, haste) => new LifeEvent(kind, cpu, value, haste == 0));
}

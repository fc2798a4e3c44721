using Switcher.Boot.Memory;

namespace Switcher.Hv.State;

/// <summary>The nested page table that is in force.</summary>
public static class ActiveRoot
{
    public static HostPhysicalAddress Of<TMemory>(in HypervisorState hypervisor)
        where TMemory : struct, IPhysicalMemory
        => hypervisor.ActiveGuest == HypervisorState.Firmware
            ? hypervisor.FirmwareRoot
            : hypervisor.Guests.At<TMemory>(hypervisor.ActiveGuest).NestedRoot;
}

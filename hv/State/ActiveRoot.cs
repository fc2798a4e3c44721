using Switcher.Boot.Memory;

namespace Switcher.Hv.State;

public abstract partial class Domains<TPlatform>
{
    /// <summary>The nested page table that is in force.</summary>
    public static class ActiveRoot
    {
        public static HostPhysicalAddress Of(in HypervisorState hypervisor)
            => hypervisor.ActiveGuest == HypervisorState.Firmware
                ? hypervisor.FirmwareRoot
                : hypervisor.Guests.At<TPlatform>(hypervisor.ActiveGuest).NestedRoot;
    }
}

using Switcher.Boot.Memory;
using Switcher.Hv.State;

namespace Switcher.Hv.Switch;

public abstract partial class Switching<TPlatform, TVirtualization>
{
    /// <summary>Which guest is next.</summary>
    public static class GuestSelection
    {
        /// <summary>Stands for: there is none.</summary>
        public const int None = -1;

        /// <summary>The next guest after the active one, in the order of the configuration, that can go on.</summary>
        public static int Next(in HypervisorState hypervisor)
        {
            for (int i = 1; i < hypervisor.Guests.Count; i++)
            {
                int candidate = (hypervisor.ActiveGuest + i) % hypervisor.Guests.Count;
                if (CanGoOn(hypervisor.Guests.At<TPlatform>(candidate).Phase))
                    return candidate;
            }
            return None;
        }

        /// <summary>True if another guest than the active one still has a session, or is yet to begin one.</summary>
        public static bool IsAnotherAlive(in HypervisorState hypervisor)
            => Next(hypervisor) != None;

        private static bool CanGoOn(GuestPhase phase) => phase is GuestPhase.Parked or GuestPhase.Suspended;
    }
}

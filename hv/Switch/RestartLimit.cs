using Switcher.Hv.State;

namespace Switcher.Hv.Switch;

public abstract partial class Switching<TPlatform, TVirtualization>
{
    /// <summary>
    /// A guest that cannot start resets the machine again and again, and never suspends: so nobody could get at the others' sessions, but
    /// by switching the machine off. With nobody else to go on with, it may do so for ever, as on a machine of its own.
    /// </summary>
    public static class RestartLimit
    {
        /// <summary>More than an installation or an update needs in a row; those take longer between two resets, too.</summary>
        private const int MostEarlyResets = 5;

        private const ulong EarlySeconds = 60;

        /// <summary>
        /// Whether the active guest, which has reset the machine, is off for that: until it is asked for, as after a shutdown.
        /// </summary>
        public static bool IsReached(in HypervisorState hypervisor)
        {
            ref Domain guest = ref Active(hypervisor);
            bool isEarly = TPlatform.ReadTimestamp() - guest.Begun < EarlySeconds * hypervisor.TimestampFrequency;
            guest.EarlyResets = isEarly ? guest.EarlyResets + 1 : 0;
            if (guest.EarlyResets <= MostEarlyResets || !Selection.HasNext(hypervisor))
                return false;
            guest.EarlyResets = 0;
            DomainLog.Write("WARN the guest resets again and again soon after its start: it is off until it is asked for"u8, hypervisor,
                hypervisor.ActiveDomain);
            return true;
        }
    }
}

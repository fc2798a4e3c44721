using Switcher.Boot.Memory;
using Switcher.Hv.Devices;
using Switcher.Hv.State;

namespace Switcher.Hv.Switch;

public abstract partial class Switching<TPlatform, TVirtualization>
{
    /// <summary>
    /// Shows a guest that it woke from S3. WAK_STS is set by hardware alone (ACPI 6.5, 4.8.3.1.1 PM1 Status Registers), and this hardware
    /// never slept: so reads of PM1_STS are intercepted until the guest has cleared what it was shown, and not a moment longer.
    /// </summary>
    public static class WakeStatus
    {
        /// <summary>Bits to add to a read at <paramref name="port"/>, low byte at that port.</summary>
        /// <param name="status">The bits of PM1_STS that the guest has not cleared yet.</param>
        /// <param name="size">Bytes read: 1, 2 or 4.</param>
        public static uint Shown(in PowerManagement power, ushort status, ushort port, int size)
        {
            uint shown = 0;
            for (int i = 0; i < 2; i++)
            {
                int offset = power.Pm1aEvent + i - port;
                if (power.Pm1aEvent != 0 && offset >= 0 && offset < size)
                    shown |= (uint)((status >> (8 * i)) & 0xFF) << (8 * offset);
            }
            return shown;
        }

        /// <summary>The bits that a write clears.</summary>
        public static ushort Cleared(in PowerManagement power, ushort port, int size, uint value)
        {
            uint cleared = 0;
            for (int i = 0; i < 2; i++)
            {
                int offset = power.Pm1aEvent + i - port;
                if (power.Pm1aEvent != 0 && offset >= 0 && offset < size)
                    cleared |= ((value >> (8 * offset)) & 0xFF) << (8 * i);
            }
            return (ushort)cleared;
        }

        /// <summary>Begins to show <paramref name="status"/> to the active guest.</summary>
        public static void Show(ref HypervisorState hypervisor, ushort status)
        {
            hypervisor.Guests.At<TPlatform>(hypervisor.ActiveGuest).WakeStatus = status;
            Intercept(hypervisor, status != 0);
        }

        /// <summary>Takes note of a write, and stops intercepting when nothing is left to show.</summary>
        public static void Acknowledge(ref HypervisorState hypervisor, ushort port, int size, uint value)
        {
            ref Guest guest = ref hypervisor.Guests.At<TPlatform>(hypervisor.ActiveGuest);
            if (guest.WakeStatus == 0)
                return;
            guest.WakeStatus &= (ushort)~Cleared(hypervisor.Power, port, size, value);
            if (guest.WakeStatus == 0)
                Intercept(hypervisor, false);
        }

        private static void Intercept(in HypervisorState hypervisor, bool isOn)
        {
            if (hypervisor.Power.Pm1aEvent != 0)
                IoBitmap.Set(TPlatform.Bytes(hypervisor.IoBitmap, IoBitmap.Bytes), hypervisor.Power.Pm1aEvent, 2, isOn);
        }
    }
}

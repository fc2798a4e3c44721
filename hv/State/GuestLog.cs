using Switcher.Boot.Memory;
using Switcher.Boot.Text;
using Switcher.Hv.Cpu;

namespace Switcher.Hv.State;

public abstract partial class Domains<TPlatform>
{
    /// <summary>What the log says about guests.</summary>
    public static class GuestLog
    {
        /// <summary>Appends <c> guest=1 name="debian"</c>.</summary>
        public static void AppendGuest(ref LogLine line, in HypervisorState hypervisor, int index)
        {
            GuestField.Append(ref line, "guest"u8, index);
            if (index == HypervisorState.Firmware)
                return;
            ref Guest guest = ref hypervisor.Guests.At<TPlatform>(index);
            line.Quoted("name"u8, TPlatform.Bytes(guest.Name, guest.NameLength));
        }

        /// <summary>Writes the exits of a guest since the boot, by reason.</summary>
        public static void WriteExits(in HypervisorState hypervisor, int index)
        {
            var line = new LogLine("INFO exits"u8);
            GuestField.Append(ref line, "guest"u8, index);
            PhysicalArray<ulong> counts = index == HypervisorState.Firmware
                ? hypervisor.FirmwareExitCounts
                : hypervisor.Guests.At<TPlatform>(index).ExitCounts;
            for (int reason = 0; reason < ExitReasonText.Count; reason++)
            {
                ulong count = counts.At<TPlatform>(reason);
                if (count != 0)
                    line.Number(ExitReasonText.Of((ExitReason)reason), count);
            }
            line.Number("tsc"u8, TPlatform.ReadTimestamp());
            line.WriteTo<TPlatform>();
        }
    }
}

using System;
using Switcher.Boot.Text;
using Switcher.Hv.Devices;
using Switcher.Hv.State;

namespace Switcher.Hv.Switch;

public abstract partial class Switching<TPlatform, TVirtualization>
{
    /// <summary>
    /// The only guest left sleeps: the machine idles in the hypervisor until something happens that would end a real S3. The hardware's own
    /// S3 would take the hypervisor away with the CPUs' state.
    /// </summary>
    public static class MachineSleep
    {
        private const ushort KeyboardStatus = 0x64;
        private const uint OutputBufferFull = 1;

        /// <summary>The host's interrupt handlers drop every vector alike; this one has a priority of its own.</summary>
        private const byte TickVector = 0xE0;

        /// <summary>Sleeps. The devices are as their events left them afterwards.</summary>
        /// <returns>What the domain that is to be woken finds in PM1_STS.</returns>
        public static ushort Run(in HypervisorState hypervisor, int domain)
        {
            PciHandover.Silence(hypervisor.PciFunctions);
            bool isAlarmSet = ChipsetQuiesce.IsRtcAlarmEnabled();
            ChipsetQuiesce.MaskInterrupts(hypervisor.Chipset);
            FixedHardware.EnablePowerButton(hypervisor.Power);
            LocalApic.Reset(hypervisor.LocalApic);
            LocalApic.StartTick(hypervisor.LocalApic, TickVector);

            // From here on whatever ends the sleep is seen: a button that is not enabled need not even set its status bit.
            var line = new LogLine("INFO sleep"u8);
            DomainLog.Append(ref line, "guest"u8, domain);
            Log(ref line);
            ushort status;
            ReadOnlySpan<byte> reason;
            while (!TryGetWakeReason(hypervisor.Power, isAlarmSet, out status, out reason))
                TPlatform.WaitForInterrupt();

            line = new LogLine("INFO wake"u8);
            DomainLog.Append(ref line, "guest"u8, domain);
            line.Word("reason"u8, reason);
            Log(ref line);
            return (ushort)(Pm1Event.Wake | status);
        }

        /// <summary>What a platform wakes for: ACPI 6.5, 16.2 Waking, and the keyboard of a PC.</summary>
        private static bool TryGetWakeReason(
            scoped in PowerManagement power, bool isAlarmSet, out ushort status, out ReadOnlySpan<byte> reason)
        {
            ushort events = (ushort)(FixedHardware.ReadStatus(power) & (FixedHardware.ReadEnable(power) | Pm1Event.PowerButton));
            status = (ushort)(events & (Pm1Event.PowerButton | Pm1Event.SleepButton | Pm1Event.Rtc));
            if ((status & (Pm1Event.PowerButton | Pm1Event.SleepButton)) != 0)
            {
                reason = "power-button"u8;
                return true;
            }
            if ((status & Pm1Event.Rtc) != 0 || (isAlarmSet && (ChipsetQuiesce.ReadRtcFlags() & 0x20) != 0))
            {
                status |= Pm1Event.Rtc;
                reason = "rtc"u8;
                return true;
            }
            uint keyboard = TPlatform.In(KeyboardStatus, 1);
            if (keyboard != 0xFF && (keyboard & OutputBufferFull) != 0)
            {
                reason = "key"u8;
                return true;
            }
            reason = "gpe"u8;
            return FixedHardware.IsGpePending(power);
        }
    }

    /// <summary>Switches the machine off, when the last guest has asked the firmware's services for that.</summary>
    public static class MachineOff
    {
        private const ulong OffSeconds = 5;

        /// <summary>Enters S5, or resets a machine that has none. Does not return.</summary>
        public static void Run(ref HypervisorState hypervisor)
        {
            if (hypervisor.Power.S5.IsPresent)
            {
                // Power goes with a delay; where System Management Mode catches the request, it has to come to that first.
                Log("STEP off"u8);
                GuestClock.Return(ref hypervisor);
                FixedHardware.SwitchOff(hypervisor.Power);
                ulong start = TPlatform.ReadTimestamp();
                while (TPlatform.ReadTimestamp() - start < OffSeconds * hypervisor.TimestampFrequency)
                    TPlatform.Pause();
            }
            MachineReset.Run(ref hypervisor);
        }
    }

    /// <summary>Resets the machine, when no guest has a session.</summary>
    public static class MachineReset
    {
        /// <summary>Tries the ways of resetting a PC, the one that the firmware names first. Does not return.</summary>
        public static void Run(ref HypervisorState hypervisor)
        {
            Log("STEP reset"u8);
            GuestClock.Return(ref hypervisor);
            if (hypervisor.Power.ResetPort != 0)
                TPlatform.Out(hypervisor.Power.ResetPort, hypervisor.Power.ResetValue, 1);
            TPlatform.Out(ResetRegisters.ResetControl, 0x02, 1);
            TPlatform.Out(ResetRegisters.ResetControl, 0x06, 1);
            while (true)
            {
                TPlatform.Out(ResetRegisters.KeyboardCommand, 0xFE, 1);
                TPlatform.Pause();
            }
        }
    }
}

using System;
using Switcher.Boot.Text;
using Switcher.Hv.Devices;
using Switcher.Hv.State;
using Switcher.Hv.Vendor;

namespace Switcher.Hv.Exits;

public abstract partial class ExitHandling<TPlatform, TVirtualization>
{
    /// <summary>Accesses to the few ports that are intercepted: sleep control, reset, and PM1 status after a wake.</summary>
    public static class IoExit
    {
        public static void Handle(ref HypervisorState hypervisor, ref VirtualCpu cpu, in VmExit exit)
        {
            if (exit.IsString)
                RefuseString(hypervisor, exit);
            else if (exit.IsIn)
                Read(ref hypervisor, ref cpu, exit);
            else if (Write(ref hypervisor, ref cpu, exit))
                return;
            InstructionSkip.Run(ref hypervisor, ref cpu, exit);
        }

        private static void Read(ref HypervisorState hypervisor, ref VirtualCpu cpu, in VmExit exit)
        {
            uint value = TPlatform.In(exit.Port, exit.Size);
            value |= WakeStatus.Shown(hypervisor.Power, Active(hypervisor).WakeStatus, exit.Port, exit.Size);
            cpu.Registers.Rax = exit.Size switch
            {
                1 => (cpu.Registers.Rax & ~0xFFUL) | (byte)value,
                2 => (cpu.Registers.Rax & ~0xFFFFUL) | (ushort)value,
                _ => value,
            };
        }

        /// <returns>True if the guest went on elsewhere, so that the instruction must not be skipped.</returns>
        private static bool Write(ref HypervisorState hypervisor, ref VirtualCpu cpu, in VmExit exit)
        {
            uint value = (uint)cpu.Registers.Rax;
            if (hypervisor.IsBootPhase)
            {
                // In the boot phase nothing is there yet that could be lost: the firmware and the loaders may do what they want.
                TPlatform.Out(exit.Port, value, exit.Size);
                return false;
            }

            ref Domain guest = ref Active(hypervisor);
            PortAction action = Pm1Intercept.Classify(hypervisor.Power, ref guest.SleepRequest, exit.Port, exit.Size, value);
            if (action == PortAction.Pass)
                action = ResetRegisters.Classify(hypervisor.Power, exit.Port, exit.Size, value);
            switch (action)
            {
                case PortAction.Sleep or PortAction.PowerOff or PortAction.Reset when cpu.IsInFirmware:
                    // The services that end something have answers of their own; a firmware that does it by itself does not come back.
                    FirmwareCall.Abandon(ref hypervisor, ref cpu);
                    return true;
                case PortAction.Sleep:
                    Switch.Run(ref hypervisor, ref cpu, SwitchReason.Suspend);
                    return true;
                case PortAction.PowerOff when Selection.HasNext(hypervisor):
                    Switch.Run(ref hypervisor, ref cpu, SwitchReason.Shutdown);
                    return true;
                case PortAction.Reset when Selection.IsRestart(hypervisor, SwitchReason.Reset) || Selection.HasNext(hypervisor):
                    Switch.Run(ref hypervisor, ref cpu, SwitchReason.Reset);
                    return true;
                case PortAction.PowerOff:
                    EndMachine(ref hypervisor, "STEP off"u8);
                    break;
                case PortAction.Reset:
                    EndMachine(ref hypervisor, "STEP reset"u8);
                    break;
                case PortAction.UnknownSleep:
                    HoldBack(hypervisor, exit, value);
                    return false;
                case PortAction.Hold:
                    return false;
                default:
                    WakeStatus.Acknowledge(hypervisor, exit.Port, exit.Size, value);
                    break;
            }
            if (guest.SleepRequest is { IsPassed: true, Size: not 0 })
            {
                TPlatform.Out(guest.SleepRequest.Port, guest.SleepRequest.Value, guest.SleepRequest.Size);
                guest.SleepRequest = default;
            }
            TPlatform.Out(exit.Port, value, exit.Size);
            return false;
        }

        /// <summary>Whatever the hardware would do with it, the other sessions stay; the system finds that it woke at once.</summary>
        private static void HoldBack(in HypervisorState hypervisor, in VmExit exit, uint value)
        {
            var line = new LogLine("WARN held back a request for a sleep state that the tables do not name"u8);
            DomainLog.AppendActive(ref line, hypervisor);
            line.Hex("port"u8, exit.Port);
            line.Hex("value"u8, value);
            Log(ref line);
            WakeStatus.Add(hypervisor, Pm1Event.Wake);
        }

        /// <summary>
        /// The last guest switches the machine off, or resets it where it cannot be loaded again: the hardware does that, the log says that
        /// it was asked for.
        /// </summary>
        private static void EndMachine(ref HypervisorState hypervisor, ReadOnlySpan<byte> step)
        {
            DomainLog.WriteExits(hypervisor, hypervisor.ActiveDomain);
            Log(step);
            GuestClock.Return(ref hypervisor);
        }

        /// <summary>
        /// Nobody sleeps or resets a machine with a string instruction. It is skipped rather than carried out: its memory operand is the
        /// guest's to choose.
        /// </summary>
        private static void RefuseString(in HypervisorState hypervisor, in VmExit exit)
        {
            var line = new LogLine("WARN ignored a string instruction at an intercepted port"u8);
            DomainLog.AppendActive(ref line, hypervisor);
            line.Hex("port"u8, exit.Port);
            Log(ref line);
        }
    }
}

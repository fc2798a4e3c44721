using System;
using Switcher.Boot.Memory;

namespace Switcher.Hv.Devices;

public abstract partial class Machine<TPlatform>
{
    /// <summary>Brings PCI devices into the state in which the next guest expects them.</summary>
    public static class PciHandover
    {
        private const int CommandOffset = 0x04;
        private const ushort BusMaster = 1 << 2;
        private const ushort MsiEnable = 1 << 0;
        private const ushort MsiXEnable = 1 << 15;
        private const uint PowerStateMask = 3;

        /// <summary>
        /// Ends DMA and message-signalled interrupts of every device: what the guest that goes had set up must not reach memory
        /// or CPUs any more. Bridges go on passing requests: what is behind them is silent.
        /// </summary>
        public static void Silence(PhysicalArray<PciFunction> functions)
        {
            for (int i = 0; i < functions.Count; i++)
            {
                ref PciFunction function = ref At(functions, i);
                if (!function.IsChipset)
                    Silence(in function);
            }
        }

        /// <summary>
        /// Devices in D0 and configured as the firmware left them, for a guest that boots. Writes only what differs: a write can be slow.
        /// Bus after bus, since nothing behind a bridge answers before the bridge is in D0 and has its numbers.
        /// </summary>
        /// <param name="functions">What the firmware left, in bus order.</param>
        /// <param name="ticksPerMillisecond">Of the time-stamp counter.</param>
        public static void RestoreFirmwareState(PhysicalArray<PciFunction> functions, ulong ticksPerMillisecond)
        {
            int first = 0;
            while (first < functions.Count)
            {
                int bus = At(functions, first).Address.Bus;
                int end = first;
                while (end < functions.Count && At(functions, end).Address.Bus == bus)
                    end++;
                RestoreBus(functions, first, end, ticksPerMillisecond);
                first = end;
            }
        }

        private static void RestoreBus(PhysicalArray<PciFunction> functions, int first, int end, ulong ticksPerMillisecond)
        {
            bool isAnyWaking = false;
            for (int i = first; i < end; i++)
            {
                ref PciFunction function = ref At(functions, i);
                if (!function.IsChipset)
                    isAnyWaking |= PowerUp(in function);
            }

            // PCI Power Management 1.2, 5.4: a function that leaves D3hot needs 10 ms before it may be touched.
            if (isAnyWaking)
                Wait(10 * ticksPerMillisecond);
            for (int i = first; i < end; i++)
            {
                ref PciFunction function = ref At(functions, i);
                if (!function.IsChipset)
                    RestoreHeader(in function);
            }
        }

        private static void Wait(ulong ticks)
        {
            ulong start = TPlatform.ReadTimestamp();
            while (TPlatform.ReadTimestamp() - start < ticks)
                TPlatform.Pause();
        }

        private static void Silence(in PciFunction function)
        {
            uint command = PciConfiguration.Read32(function.Address, CommandOffset);
            if (!function.IsBridge && (command & BusMaster) != 0)
                PciConfiguration.Write16(function.Address, CommandOffset, (ushort)(command & ~(uint)BusMaster));
            if (function.Msi != 0)
                ClearControl(function.Address, function.Msi, MsiEnable);
            if (function.MsiX != 0)
                ClearControl(function.Address, function.MsiX, MsiXEnable);
        }

        /// <summary>The 16 bits after a capability's ID and next pointer are its message control.</summary>
        private static void ClearControl(PciAddress address, byte capability, ushort bit)
        {
            uint control = PciConfiguration.Read32(address, capability) >> 16;
            if ((control & bit) != 0)
                PciConfiguration.Write16(address, capability + 2, (ushort)(control & ~(uint)bit));
        }

        /// <summary>Sets D0 (PCI Power Management 1.2, 3.2.4 PMCSR); true if the function was in another state.</summary>
        private static bool PowerUp(in PciFunction function)
        {
            if (function.PowerManagement == 0)
                return false;
            int pmcsr = function.PowerManagement + 4;
            uint value = PciConfiguration.Read32(function.Address, pmcsr);
            if ((value & PowerStateMask) == 0)
                return false;
            PciConfiguration.Write16(function.Address, pmcsr, (ushort)(value & ~PowerStateMask));
            return true;
        }

        private static void RestoreHeader(in PciFunction function)
        {
            // PCI Local Bus 3.0, 6.1: base addresses, expansion ROM, cache line size, interrupt line; for a bridge (PCI-to-PCI Bridge 1.2,
            // 3.2) bus numbers and windows instead. Decoding is switched on last.
            ReadOnlySpan<byte> registers = function.IsBridge
                ? [0x10, 0x14, 0x18, 0x1C, 0x20, 0x24, 0x28, 0x2C, 0x30, 0x38, 0x0C, 0x3C]
                : [0x10, 0x14, 0x18, 0x1C, 0x20, 0x24, 0x30, 0x0C, 0x3C];
            foreach (byte register in registers)
                RestoreIfDifferent(in function, register);

            uint command = TPlatform.At<uint>(function.Configuration + CommandOffset) & 0xFFFF;
            if (!function.IsBridge)
                command &= ~(uint)BusMaster;
            if ((PciConfiguration.Read32(function.Address, CommandOffset) & 0xFFFF) != command)
                PciConfiguration.Write16(function.Address, CommandOffset, (ushort)command);
        }

        private static void RestoreIfDifferent(in PciFunction function, int offset)
        {
            // The secondary status in a bridge's doubleword at 1Ch clears by writing ones, so what is read there never settles.
            uint mask = function.IsBridge && offset == 0x1C ? 0xFFFF : uint.MaxValue;
            uint wanted = TPlatform.At<uint>(function.Configuration + (ulong)offset) & mask;
            uint present = PciConfiguration.Read32(function.Address, offset) & mask;
            if (present != wanted)
                PciConfiguration.Write32(function.Address, offset, wanted);
        }
    }
}

namespace Switcher.Hv.Devices;

/// <summary>A PCI function's bus, device and function as configuration mechanism 1 orders them: bits 15:8, 7:3 and 2:0.</summary>
public readonly struct PciAddress
{
    public readonly ushort Value;

    public PciAddress(int bus, int device, int function) => Value = (ushort)((bus << 8) | (device << 3) | function);

    public int Bus => Value >> 8;
}

public abstract partial class Machine<TPlatform>
{
    /// <summary>
    /// Configuration space by mechanism 1: PCI Local Bus 3.0, 3.2.2.3.2 Software Generation of Configuration Transactions.
    /// </summary>
    public static class PciConfiguration
    {
        private const ushort ConfigAddress = 0xCF8;
        private const ushort ConfigData = 0xCFC;
        private const uint Enable = 0x8000_0000;

        /// <summary>Reads the doubleword at <paramref name="offset"/>, a multiple of 4 below 256.</summary>
        public static uint Read32(PciAddress function, int offset)
        {
            Select(function, offset);
            return TPlatform.In(ConfigData, 4);
        }

        public static void Write32(PciAddress function, int offset, uint value)
        {
            Select(function, offset);
            TPlatform.Out(ConfigData, value, 4);
        }

        /// <summary>Writes 16 bits at <paramref name="offset"/>, a multiple of 2 below 256, and touches nothing beside them.</summary>
        public static void Write16(PciAddress function, int offset, ushort value)
        {
            Select(function, offset);
            TPlatform.Out((ushort)(ConfigData + (offset & 2)), value, 2);
        }

        private static void Select(PciAddress function, int offset)
            => TPlatform.Out(ConfigAddress, Enable | ((uint)function.Value << 8) | (uint)(offset & 0xFC), 4);
    }
}

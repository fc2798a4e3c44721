using Switcher.Boot.Memory;

namespace Switcher.Hv.Devices;

public abstract partial class Machine<TPlatform>
{
    /// <summary>Finds the PCI functions of the machine and keeps their configuration.</summary>
    public static class PciInventory
    {
        private const int HeaderTypeOffset = 0x0C;
        private const int ClassOffset = 0x08;
        private const int CommandOffset = 0x04;
        private const int CapabilitiesOffset = 0x34;
        private const uint CapabilitiesList = 1 << 20;

        /// <summary>Functions of the machine, at most <paramref name="limit"/>.</summary>
        public static int Count(int limit) => Walk(default, limit);

        /// <summary>Fills <paramref name="functions"/> in bus order, so that bridges stand before what is behind them.</summary>
        public static void Read(PhysicalArray<PciFunction> functions) => Walk(functions, functions.Count);

        /// <summary>Reads the configuration of a known function again.</summary>
        public static void Refresh(ref PciFunction function) => Read(ref function, function.Address);

        private static void Read(ref PciFunction function, PciAddress address)
        {
            function.Address = address;
            for (int offset = 0; offset < PciFunction.ConfigurationBytes; offset += 4)
                TPlatform.At<uint>(function.Configuration + (ulong)offset) = PciConfiguration.Read32(address, offset);

            uint classCode = PciConfiguration.Read32(address, ClassOffset) >> 8;
            uint headerType = (PciConfiguration.Read32(address, HeaderTypeOffset) >> 16) & 0x7F;
            function.IsBridge = headerType == 1;
            function.IsChipset = classCode >> 16 == 0x06 && headerType == 0;
            FindCapabilities(ref function, address);
        }

        private static void FindCapabilities(ref PciFunction function, PciAddress address)
        {
            function.PowerManagement = 0;
            function.Msi = 0;
            function.MsiX = 0;
            if ((PciConfiguration.Read32(address, CommandOffset) & CapabilitiesList) == 0)
                return;
            uint offset = PciConfiguration.Read32(address, CapabilitiesOffset) & 0xFC;

            // At most 48 capabilities fit; a list that runs in a circle ends there.
            for (int i = 0; i < 48 && offset >= 0x40; i++)
            {
                uint header = PciConfiguration.Read32(address, (int)offset);
                switch (header & 0xFF)
                {
                    case 0x01: function.PowerManagement = (byte)offset; break;
                    case 0x05: function.Msi = (byte)offset; break;
                    case 0x11: function.MsiX = (byte)offset; break;
                    default: break;
                }
                offset = (header >> 8) & 0xFC;
            }
        }

        /// <summary>Counts functions until there are as many as wanted, and reads them where there is an array for them.</summary>
        private static int Walk(PhysicalArray<PciFunction> functions, int limit)
        {
            const int SlotsOfABus = 32;
            int count = 0;
            for (int slot = 0; slot < 256 * SlotsOfABus && count < limit; slot++)
            {
                int last = LastFunction(slot / SlotsOfABus, slot % SlotsOfABus);
                for (int function = 0; function <= last && count < limit; function++)
                {
                    var address = new PciAddress(slot / SlotsOfABus, slot % SlotsOfABus, function);
                    if (!Exists(address))
                        continue;
                    if (functions.Count > 0)
                        Read(ref At(functions, count), address);
                    count++;
                }
            }
            return count;
        }

        /// <summary>The last function number worth asking for in a slot, or -1 if the slot is empty.</summary>
        private static int LastFunction(int bus, int slot)
        {
            var first = new PciAddress(bus, slot, 0);
            if (!Exists(first))
                return -1;
            const uint Multifunction = 1 << 23;
            return (PciConfiguration.Read32(first, HeaderTypeOffset) & Multifunction) != 0 ? 7 : 0;
        }

        private static bool Exists(PciAddress address) => (PciConfiguration.Read32(address, 0) & 0xFFFF) != 0xFFFF;
    }
}

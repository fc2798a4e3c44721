using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;

namespace Switcher.Hv.Switch;

public abstract partial class Switching<TPlatform, TVirtualization>
{
    /// <summary>Resets the machine.</summary>
    public static class MachineReset
    {
        /// <summary>Tries the ways of resetting a PC, the one that the firmware names first. Does not return.</summary>
        public static void Run(in PowerManagement power)
        {
            if (power.ResetPort != 0)
                TPlatform.Out(power.ResetPort, power.ResetValue, 1);
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

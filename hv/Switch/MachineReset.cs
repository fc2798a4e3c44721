using Switcher.Hv.Cpu;
using Switcher.Hv.Devices;

namespace Switcher.Hv.Switch;

/// <summary>Resets the machine.</summary>
/// <typeparam name="TCpu">Where the ports are.</typeparam>
public static class MachineReset<TCpu>
    where TCpu : struct, ICpu
{
    /// <summary>Tries the ways of resetting a PC, the one that the firmware names first. Does not return.</summary>
    public static void Run(in PowerManagement power)
    {
        if (power.ResetPort != 0)
            TCpu.Out(power.ResetPort, power.ResetValue, 1);
        TCpu.Out(ResetRegisters.ResetControl, 0x02, 1);
        TCpu.Out(ResetRegisters.ResetControl, 0x06, 1);
        while (true)
        {
            TCpu.Out(ResetRegisters.KeyboardCommand, 0xFE, 1);
            TCpu.Pause();
        }
    }
}

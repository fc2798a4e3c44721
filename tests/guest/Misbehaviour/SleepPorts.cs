using Switcher.Efi.Cpu;
using Switcher.Tests.Guest.Acpi;
using Switcher.Tests.Guest.Devices;
using Switcher.Tests.Guest.Sleep;

namespace Switcher.Tests.Guest.Misbehaviour;

/// <summary>Accesses to the sleep registers that mean nothing, and after which the machine goes on.</summary>
internal static unsafe class SleepPorts
{
    private const uint Moment = 20;

    /// <summary>String instructions, in both directions, even with a request to sleep.</summary>
    public static void TryStrings()
    {
        ushort* value = stackalloc ushort[8];
        value[0] = Instructions.In16(PowerRegisters.ControlPort);
        Stubs.ExecuteString((ulong)GuestInstruction.RepOutsw, PowerRegisters.ControlPort, value);
        Stubs.ExecuteString((ulong)GuestInstruction.RepInsw, PowerRegisters.StatusPort, value);
        value[0] = (ushort)(PowerRegisters.ControlWithType(Tables.S3.SlpTypA) | PowerRegisters.SleepEnable);
        Stubs.ExecuteString((ulong)GuestInstruction.RepOutsw, PowerRegisters.ControlPort, value);
        PmTimer.Wait(Moment);
    }

    /// <summary>
    /// SLP_EN with every sleep type that has no meaning: ACPI 6.5, 7.4.2 gives it to those that the tables name, and to no other.
    /// </summary>
    public static void TryNonsense()
    {
        for (byte type = 0; type < 8; type++)
        {
            if (IsMeant(type))
                continue;
            ushort control = PowerRegisters.ControlWithType(type);
            Instructions.Out16(PowerRegisters.ControlPort, control);
            Instructions.Out16(PowerRegisters.ControlPort, (ushort)(control | PowerRegisters.SleepEnable));
            PmTimer.Wait(Moment);
        }
    }

    private static bool IsMeant(byte type)
    {
        for (int state = 0; state < Tables.SleepStates; state++)
        {
            if (Tables.SleepStateAt(state).HasValues && Tables.SleepStateAt(state).SlpTypA == type)
                return true;
        }

        return false;
    }
}

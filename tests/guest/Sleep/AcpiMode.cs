using Switcher.Efi.Cpu;
using Switcher.Tests.Guest.Acpi;

namespace Switcher.Tests.Guest.Sleep;

/// <summary>
/// The guest's own commands to the firmware's System Management Mode: ACPI mode off and on again (ACPI 6.5, 4.8.2.5 "Legacy/ACPI Select and
/// the SCI Interrupt"), and commands that the firmware does not know.
/// </summary>
internal static class AcpiMode
{
    private const uint SciEnable = 1;
    private const int Rounds = 20;

    public static void Switch()
    {
        if (Tables.SmiCommandPort == 0)
        {
            Report.Bad("the tables name no port for commands to System Management Mode"u8);
            return;
        }

        for (int i = 0; i < Rounds; i++)
        {
            Command(Tables.AcpiDisable);
            Report.ExpectEqual("SCI_EN in legacy mode"u8, Instructions.In16(PowerRegisters.ControlPort) & SciEnable, 0);
            Command((byte)(0x50 + i));
            Command(Tables.AcpiEnable);
            Report.ExpectEqual("SCI_EN in ACPI mode"u8, Instructions.In16(PowerRegisters.ControlPort) & SciEnable, SciEnable);
        }
    }

    private static void Command(byte command) => Instructions.Out8(Tables.SmiCommandPort, command);
}

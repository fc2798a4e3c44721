using System;

namespace Switcher.Tests.Guest.Cpus;

/// <summary>A local APIC as a processor finds it at its start or wake.</summary>
internal struct FoundApic
{
    private uint _inService;
    private uint _requested;
    private uint _unmasked;

    /// <summary>Reads the APIC of the processor that executes this.</summary>
    public static FoundApic Take()
    {
        uint unmasked = 0;
        ReadOnlySpan<ushort> entries =
        [
            (ushort)LocalApic.LvtTimer, (ushort)LocalApic.LvtThermal, (ushort)LocalApic.LvtPerformance, (ushort)LocalApic.LvtError,
        ];
        for (int i = 0; i < entries.Length; i++)
        {
            if ((LocalApic.Read(entries[i]) & LocalApic.Masked) == 0)
                unmasked = entries[i];
        }

        return new FoundApic
        {
            _inService = LocalApic.AnyOf(LocalApic.InService),
            _requested = LocalApic.AnyOf(LocalApic.Requested),
            _unmasked = unmasked,
        };
    }

    /// <summary>
    /// Nothing may be left of what somebody else did. LINT0 and LINT1 are the firmware's to wire (MP Specification 1.4, 3.6.2.2 "Virtual
    /// Wire Mode").
    /// </summary>
    public readonly void Check()
    {
        Report.ExpectEqual("local APIC: interrupts in service"u8, _inService, 0);
        Report.ExpectEqual("local APIC: interrupts requested"u8, _requested, 0);
        Report.ExpectEqual("local APIC: a local interrupt is not masked"u8, _unmasked, 0);
    }
}

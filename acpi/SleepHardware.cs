namespace Switcher.Acpi;

/// <summary>The registers through which an OS sleeps, wakes and resets, with the FADT's rules applied.</summary>
public readonly struct SleepHardware
{
    public SleepHardware(Fadt fadt)
    {
        bool reduced = fadt.IsHardwareReduced;
        Pm1aEvt = reduced ? default : fadt.Pm1aEvtBlk;
        Pm1bEvt = reduced ? default : fadt.Pm1bEvtBlk;
        Pm1aCnt = reduced ? default : fadt.Pm1aCntBlk;
        Pm1bCnt = reduced ? default : fadt.Pm1bCntBlk;
        Pm1EvtLength = fadt.Pm1EvtLen;
        Pm1CntLength = fadt.Pm1CntLen;
        Reset = fadt.ResetReg;
        ResetValue = fadt.ResetValue;
    }

    /// <summary>
    /// PM1a event block: status register, and enable register in its second half. Not present on a hardware-reduced machine.
    /// </summary>
    public GenericAddress Pm1aEvt { get; }
    public GenericAddress Pm1bEvt { get; }

    /// <summary>PM1a_CNT. Not present on a hardware-reduced machine, whatever its FADT holds.</summary>
    public GenericAddress Pm1aCnt { get; }

    /// <summary>PM1b_CNT; not present on most machines.</summary>
    public GenericAddress Pm1bCnt { get; }

    /// <summary>Bytes of each event block.</summary>
    public byte Pm1EvtLength { get; }

    /// <summary>Bytes of each control block.</summary>
    public byte Pm1CntLength { get; }

    /// <summary>Reset register; not present where the FADT does not offer it.</summary>
    public GenericAddress Reset { get; }
    public byte ResetValue { get; }

    /// <summary>Whether every PM1 block that there is lies at I/O ports.</summary>
    public bool ArePorts => IsPort(Pm1aCnt) && IsPort(Pm1bCnt) && IsPort(Pm1aEvt) && IsPort(Pm1bEvt);

    /// <summary>Whether a request for one state looks like a request for another at the registers that there are.</summary>
    public bool AreSame(SleepState one, SleepState other) =>
        one.IsOffered && other.IsOffered && one.SlpTypA == other.SlpTypA && (!Pm1bCnt.IsPresent || one.SlpTypB == other.SlpTypB);

    private static bool IsPort(GenericAddress register) =>
        !register.IsPresent || (register.Space == AddressSpace.SystemIo && register.Address <= ushort.MaxValue - 3);
}

namespace Switcher.Acpi;

/// <summary>Whether a machine lets an OS ask for S3 in a way that the hypervisor can catch and answer.</summary>
public enum SleepSupport : byte
{
    /// <summary>PM1 control registers at I/O ports: Switcher serves this machine.</summary>
    Supported,

    /// <summary>
    /// HW_REDUCED_ACPI: there is no PM1 block and no waking vector that an OS would set (ACPICA loads no FACS there, Windows offers no S3),
    /// so there is nothing to wake a suspended OS with.
    /// </summary>
    HardwareReduced,

    /// <summary>PM1a_CNT has no address or no length.</summary>
    NoPm1Control,

    /// <summary>A PM1 control or event block is not at I/O ports: the hypervisor traps ports only.</summary>
    Pm1NotPorts,

    /// <summary>The tables give S3 the same values as S4 or S5, so that a request for one cannot be told from one for the other.</summary>
    SleepTypesCollide,

    /// <summary>No \_S5 and no \_S3 can be found, for instance because the DSDT cannot be read, or \_S3 cannot be understood.</summary>
    NoSleepTypes,
}

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
        Support = reduced ? SleepSupport.HardwareReduced : JudgeRegisters();
    }

    /// <summary>What the registers alone say; <see cref="Judge"/> looks at the sleep types as well.</summary>
    public SleepSupport Support { get; }

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

    /// <summary>Whether Switcher can serve a machine with these registers and these sleep types.</summary>
    public SleepSupport Judge(SleepTypes sleep)
    {
        if (Support != SleepSupport.Supported)
            return Support;
        if (sleep.S3.Source == SleepStateSource.Unreadable || (!sleep.S3.IsOffered && !sleep.S5.IsOffered))
            return SleepSupport.NoSleepTypes;
        return Collide(sleep.S3, sleep.S4) || Collide(sleep.S3, sleep.S5) ? SleepSupport.SleepTypesCollide : SleepSupport.Supported;
    }

    private bool Collide(SleepState one, SleepState other) =>
        one.IsOffered && other.IsOffered && one.SlpTypA == other.SlpTypA && (!Pm1bCnt.IsPresent || one.SlpTypB == other.SlpTypB);

    private SleepSupport JudgeRegisters()
    {
        if (!Pm1aCnt.IsPresent || Pm1CntLength < 2)
            return SleepSupport.NoPm1Control;
        bool arePorts = IsPort(Pm1aCnt) && IsPort(Pm1bCnt) && IsPort(Pm1aEvt) && IsPort(Pm1bEvt);
        return arePorts ? SleepSupport.Supported : SleepSupport.Pm1NotPorts;
    }

    private static bool IsPort(GenericAddress register) =>
        !register.IsPresent || (register.Space == AddressSpace.SystemIo && register.Address <= ushort.MaxValue - 3);
}

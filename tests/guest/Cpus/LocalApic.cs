using Switcher.Efi.Cpu;

namespace Switcher.Tests.Guest.Cpus;

/// <summary>The local APIC of the processor that executes this, in xAPIC or x2APIC mode: SDM vol. 3, chapter 11.</summary>
internal static unsafe class LocalApic
{
    public const uint Id = 0x20;
    public const uint TaskPriority = 0x80;
    public const uint EndOfInterrupt = 0xB0;
    public const uint SpuriousVector = 0xF0;
    public const uint InService = 0x100;
    public const uint Requested = 0x200;
    public const uint LvtTimer = 0x320;
    public const uint LvtThermal = 0x330;
    public const uint LvtPerformance = 0x340;
    public const uint LvtLint0 = 0x350;
    public const uint LvtLint1 = 0x360;
    public const uint LvtError = 0x370;
    public const uint Masked = 1 << 16;

    public const uint BaseMsr = 0x1B;
    public const ulong BaseEnable = 1 << 11;
    public const ulong BaseX2Apic = 1 << 10;
    public const ulong BaseBootCpu = 1 << 8;
    private const ulong BaseAddress = 0xF_FFFF_FFFF_F000;

    private const uint CommandLow = 0x300;
    private const uint CommandHigh = 0x310;
    private const uint TimerInitialCount = 0x380;
    private const uint TimerDivide = 0x3E0;
    private const uint X2ApicFirst = 0x800;
    private const uint X2ApicCommand = 0x830;

    // Interrupt command register: SDM vol. 3, 11.6.1.
    public const uint Fixed = 0x4000;
    public const uint Nmi = 0x4400;
    public const uint Init = 0x4500;
    public const uint Startup = 0x4600;
    public const uint Self = 1 << 18;
    public const uint AllButSelf = 3 << 18;

    public static bool IsX2Apic => (Instructions.ReadMsr(BaseMsr) & BaseX2Apic) != 0;

    public static uint OwnId => IsX2Apic ? Read(Id) : Read(Id) >> 24;

    public static uint Read(uint register)
        => IsX2Apic ? (uint)Instructions.ReadMsr(X2ApicFirst + (register >> 4)) : *(uint*)(Base + register);

    public static void Write(uint register, uint value)
    {
        if (IsX2Apic)
            Instructions.WriteMsr(X2ApicFirst + (register >> 4), value);
        else
            *(uint*)(Base + register) = value;
    }

    /// <summary>Sends an interrupt, without waiting for its delivery.</summary>
    /// <param name="destination">An APIC ID; ignored with a shorthand.</param>
    /// <param name="command">The low half of the command register.</param>
    public static void Send(uint destination, uint command)
    {
        const uint pending = 1 << 12;
        if (IsX2Apic)
        {
            Instructions.WriteMsr(X2ApicCommand, ((ulong)destination << 32) | command);
            return;
        }

        while ((Read(CommandLow) & pending) != 0)
            Instructions.Pause();
        Write(CommandHigh, destination << 24);
        Write(CommandLow, command);
    }

    /// <summary>Enables the APIC, with all local interrupts masked.</summary>
    public static void Enable()
    {
        const uint enable = 1 << 8;
        Mask();
        Write(TaskPriority, 0);
        Write(SpuriousVector, enable | Interrupts.SpuriousVector);
    }

    /// <summary>Disables the APIC by software: SDM vol. 3, 11.4.7.2.</summary>
    public static void Disable() => Write(SpuriousVector, Interrupts.SpuriousVector);

    /// <summary>Masks every local interrupt.</summary>
    public static void Mask()
    {
        Write(TimerInitialCount, 0);
        Write(LvtTimer, Masked);
        Write(LvtThermal, Masked);
        Write(LvtPerformance, Masked);
        Write(LvtLint0, Masked);
        Write(LvtLint1, Masked);
        Write(LvtError, Masked);
    }

    /// <summary>Lets the timer interrupt again and again.</summary>
    public static void StartTimer()
    {
        const uint periodic = 1 << 17;
        const uint divideBy16 = 3;
        const uint count = 50_000;
        Write(TimerDivide, divideBy16);
        Write(LvtTimer, periodic | Interrupts.TimerVector);
        Write(TimerInitialCount, count);
    }

    public static void StopTimer()
    {
        Write(TimerInitialCount, 0);
        Write(LvtTimer, Masked);
    }

    /// <summary>All bits of a 256-bit register of eight words, together.</summary>
    public static uint AnyOf(uint register)
    {
        uint any = 0;
        for (uint i = 0; i < 8; i++)
            any |= Read(register + (0x10 * i));
        return any;
    }

    private static ulong Base => Instructions.ReadMsr(BaseMsr) & BaseAddress;
}

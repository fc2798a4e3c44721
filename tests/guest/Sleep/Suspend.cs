using System.Runtime.InteropServices;
using Switcher.Boot.Text;
using Switcher.Efi.Cpu;
using Switcher.Tests.Guest.Acpi;
using Switcher.Tests.Guest.Cpus;
using Switcher.Tests.Guest.Devices;
using Switcher.Tests.Stubs.Shared;

namespace Switcher.Tests.Guest.Sleep;

/// <summary>
/// S3 from an operating system's side: ACPI 6.5, 16.1.3.1 "Transitioning from the Working to the Sleeping State", and the way back.
/// </summary>
internal static unsafe class Suspend
{
    /// <summary>How long a request may take to have its effect, in milliseconds of the machine's own time.</summary>
    private const uint Patience = 5_000;

    private const byte SecondsToAlarm = 2;

    private static ulong s_stackPointer;
    private static uint s_vector;
    private static FoundState s_found;
    private static SleepRequest s_request;

    /// <summary>How often the guest has woken.</summary>
    public static uint Wakes { get; private set; }

    /// <summary>Sleeps, wakes, and looks at everything.</summary>
    public static void Run(SleepRequest request)
    {
        s_request = request;
        PutToRest();
        LogLine line = Report.Begin("sleep"u8);
        line.Number("n"u8, Wakes + 1);
        line.Hex("vector"u8, s_vector);
        line.WriteTo<DebugPort>();

        int status;
        fixed (ulong* place = &s_stackPointer)
            status = Stubs.Suspend(place, &Enter);
        if (status != 0)
        {
            Report.Bad("the machine did not sleep"u8);
            Program.Stop();
        }

        Wakes++;
        Awaken.Run(ref s_found, s_vector, request);
    }

    /// <summary>What a system does before it sleeps; some of it is left out by one that does not clean up.</summary>
    private static void PutToRest()
    {
        if (s_request.IsMess)
            Mess.Make();
        else
        {
            Pit.Stop();
            IoApic.Mask(Tables.PitInput);
            LocalApic.Mask();
            Pci.DisableAll();
            if (!s_request.IsFromOther)
                Processors.RestAll();
        }

        PowerRegisters.SilenceEvents();
        PowerRegisters.ClearStatus(0xFFFF);
        Instructions.Out16(PowerRegisters.EnablePort,
            (ushort)(PowerRegisters.PowerButton | (s_request.IsWithAlarm ? PowerRegisters.RtcAlarm : 0)));
        if (s_request.IsWithAlarm)
            Rtc.SetAlarm(SecondsToAlarm);
        s_vector = Trampoline.PlaceWakingVector(Wakes + (uint)Options.Seed);
        Facs.SetWakingVector(s_vector);
    }

    /// <summary>With everything saved: the request itself. Comes back only if the machine goes on.</summary>
    [UnmanagedCallersOnly]
    private static int Enter()
    {
        Trampoline.Expect(0, &Wake);
        Instructions.Cli();
        if (s_request.IsFromOther)
            Processors.Post(Processors.At(1), &RequestFromOther, 0);
        else
            Request(Cpu.Current, 0);
        Deadline deadline = Deadline.After(Patience);
        while (!deadline.IsOver())
            Instructions.Pause();
        return 1;
    }

    private static ulong RequestFromOther(Cpu* cpu, ulong ignored) => Request(cpu, ignored);

    /// <summary>Two writes, as ACPICA does it: the sleep type first, then the same with SLP_EN.</summary>
    private static ulong Request(Cpu* cpu, ulong ignored)
    {
        ushort withType = PowerRegisters.ControlWithType(Tables.S3.SlpTypA);
        ushort withEnable = (ushort)(withType | PowerRegisters.SleepEnable);
        ushort port = PowerRegisters.ControlPort;
        Secrets.Plant(cpu, Options.Seed);
        Instructions.Wbinvd();
        ulong pattern = Options.Seed * 0x1111_1111_1111_1111;
        if (s_request.IsByte)
        {
            Instructions.Out8((ushort)(port + 1), (byte)(withType >> 8));
            Stubs.SleepWrite((ushort)(port + 1), (uint)(withEnable >> 8), 1, pattern);
        }
        else if (s_request.IsEarly)
        {
            Stubs.SleepWrite((ushort)(port - 2), (uint)withEnable << 16, 4, pattern);
        }
        else
        {
            Instructions.Out16(port, withType);
            if (PowerRegisters.ControlPortB != 0)
                Instructions.Out16(PowerRegisters.ControlPortB, withType);
            Stubs.SleepWrite(port, withEnable, s_request.IsDoubleword ? 4u : 2u, pattern);
            if (PowerRegisters.ControlPortB != 0)
                Instructions.Out16(PowerRegisters.ControlPortB, withEnable);
        }

        return 0;
    }

    /// <summary>The first 64-bit code after a wake, on a stack of its own.</summary>
    [UnmanagedCallersOnly]
    private static void Wake(uint number, FoundState* found)
    {
        s_found = *found;
        SegmentTables.Load(Processors.Boot);
        Features.Enable();
        Stubs.Resume(s_stackPointer);
    }
}

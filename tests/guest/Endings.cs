using System;
using Switcher.Agent;
using Switcher.Efi.Cpu;
using Switcher.Tests.Guest.Acpi;
using Switcher.Tests.Guest.Cpus;
using Switcher.Tests.Guest.Devices;
using Switcher.Tests.Guest.Misbehaviour;
using Switcher.Tests.Guest.Services;
using Switcher.Tests.Guest.Sleep;

namespace Switcher.Tests.Guest;

/// <summary>
/// Steps from which there is no way back: all the ways in which a session can end. A guest that one of them has started anew shuts down in
/// its place, or it would never come to an end.
/// </summary>
internal static unsafe class Endings
{
    private const ushort KeyboardCommand = 0x64;
    private const ushort ResetControl = 0xCF9;
    private const ushort SystemControlA = 0x92;
    private const byte PulseReset = 0xFE;

    /// <summary>How long the end may take, in milliseconds.</summary>
    private const uint Patience = 5_000;

    public static bool TryRun(ReadOnlySpan<byte> name, Arguments arguments)
    {
        bool restarts = Words.Same(name, "reset"u8) || Words.Same(name, "triple-fault"u8) || Words.Same(name, "lost-tables"u8);
        bool isToEnd = Restarts.Count > 0 && !Words.Same(Options.Value("starts"u8), "many"u8);
        if (restarts && !isToEnd)
            Restarts.Note();
        if (Words.Same(name, "halt"u8))
            Program.Stop();
        else if (Words.Same(name, "shutdown"u8) || (restarts && isToEnd))
            Sleep(Tables.S5.SlpTypA);
        else if (Words.Same(name, "no-vector"u8))
            SleepWithoutVector();
        else if (Words.Same(name, "reset"u8))
            Reset(arguments);
        else if (Words.Same(name, "triple-fault"u8))
            TripleFault();
        else if (Words.Same(name, "lost-tables"u8))
            Instructions.WriteCr3(MemoryMap.LargestReserved().Start);
        else
            return false;
        PmTimer.Wait(Patience);
        Report.Bad("the guest lives on after its end"u8);
        return true;
    }

    private static void Sleep(byte type)
    {
        ushort control = PowerRegisters.ControlWithType(type);
        Instructions.Out16(PowerRegisters.ControlPort, control);
        Instructions.Out16(PowerRegisters.ControlPort, (ushort)(control | PowerRegisters.SleepEnable));
    }

    /// <summary>S3 with nowhere to wake: a firmware would start the system anew.</summary>
    private static void SleepWithoutVector()
    {
        Facs.SetWakingVector(0);
        Sleep(Tables.S3.SlpTypA);
    }

    private static void Reset(Arguments arguments)
    {
        if (!arguments.TryNext(out ReadOnlySpan<byte> how))
            how = "acpi"u8;
        if (Words.Same(how, "cf9"u8))
        {
            Instructions.Out8(ResetControl, 0x02);
            Instructions.Out8(ResetControl, 0x06);
        }
        else if (Words.Same(how, "keyboard"u8))
        {
            Instructions.Out8(KeyboardCommand, PulseReset);
        }
        else if (Words.Same(how, "port92"u8))
        {
            Instructions.Out8(SystemControlA, (byte)(Instructions.In8(SystemControlA) | 1));
        }
        else if (Words.Same(how, "init"u8))
        {
            LocalApic.Send(Processors.Boot->ApicId, LocalApic.Init);
        }
        else
        {
            Instructions.Out8((ushort)Tables.Hardware.Reset.Address, Tables.Hardware.ResetValue);
        }
    }

    /// <summary>An exception without an interrupt table.</summary>
    private static void TripleFault()
    {
        TableDescriptor none = default;
        Instructions.Lidt(&none);
        Attempt.Execute(GuestInstruction.Ud2, 0);
    }
}

using System;
using System.Runtime;
using System.Runtime.InteropServices;
using Switcher.Boot.Text;
using Switcher.Efi.Cpu;
using Switcher.Efi.Uefi;
using Switcher.Tests.Guest.Acpi;
using Switcher.Tests.Guest.Cpus;
using Switcher.Tests.Guest.Devices;
using Switcher.Tests.Guest.Services;

namespace Switcher.Tests.Guest;

/// <summary>A guest for tests: it starts like an operating system, does what its script says, and gives a verdict.</summary>
internal static unsafe class Program
{
    private const ulong StackPages = 64;

    [RuntimeExport("EfiMain")]
    private static EfiStatus EfiMain(Handle imageHandle, SystemTable* systemTable)
    {
        Firmware.Start(imageHandle, systemTable);
        Report.Say("start"u8);
        if (Options.Name.IsEmpty || !Arena.Allocate())
            return EfiStatus.InvalidParameter;
        Restarts.Read();
        if (Words("fail"u8) || (Restarts.Count > 0 && Options.Number("starts"u8, 2) == 1))
            return EfiStatus.LoadError;
        if (Options.Number("key"u8, 0) == 1)
            UsbKeyboard.AwaitKey();
        if (Restarts.Count > 0 && Options.Number("watchdog"u8, 0) is > 0 and ulong seconds)
            Firmware.WaitForWatchdog((nuint)seconds);
        MemoryMap.Start(Arena.Take(MemoryMap.Capacity / MemoryDescriptor.PageSize));
        RuntimeCalls.HideVariable();
        int tries = Firmware.Exit();
        Instructions.Cli();
        if (tries == 0)
            Environment.FailFast("ExitBootServices fails");
        Report.ExpectEqual("ExitBootServices takes an outdated key"u8, (ulong)tries, 2);
        ulong stack = Arena.Take(StackPages) + (StackPages * MemoryDescriptor.PageSize);
        Stubs.CallOnStack(stack, &Run);
        return EfiStatus.Aborted;
    }

    /// <summary>Without the firmware, from top to bottom.</summary>
    [UnmanagedCallersOnly]
    private static void Run()
    {
        PageTables.Build();
        Instructions.WriteCr3(PageTables.Root);
        if (!Tables.Read())
            Environment.FailFast("the ACPI tables lack something");
        Interrupts.Build();
        Processors.Find();
        SegmentTables.Load(Processors.Boot);
        Features.Enable();
        if (!Trampoline.Install(Processors.Stacks))
            Environment.FailFast("no memory below 1 MiB");
        MachineRegisters.Take();
        Pci.Find();
        Machine.EnableInterrupts();
        OwnMemory.Fill();
        Processors.StartAll();
        Machine.Probe();
        Machine.CheckInterrupts();
        SayReady();
        Script.Run();
        Stop();
    }

    /// <summary>The end: nothing runs any more on this processor.</summary>
    public static void Stop()
    {
        Instructions.Cli();
        while (true)
            Instructions.Hlt();
    }

    [RuntimeExport("Panic")]
    private static void Panic(string reason)
    {
        LogLine line = Report.BeginBad("panic"u8);
        line.Text(" reason="u8);
        foreach (char unit in reason.AsSpan())
        {
            byte character = (byte)unit;
            line.Text(new ReadOnlySpan<byte>(&character, 1));
        }

        line.WriteTo<DebugPort>();
        Stop();
    }

    private static bool Words(ReadOnlySpan<byte> script) => Agent.Words.Same(Options.Value("script"u8), script);

    private static void SayReady()
    {
        LogLine line = Report.Begin("ready"u8);
        line.Number("cpus"u8, (ulong)Processors.Count);
        line.Number("bytes"u8, OwnMemory.Bytes);
        line.Hex("low"u8, Trampoline.Range.Start);
        line.Hex("arena"u8, Arena.Start);
        line.Hex("image"u8, Firmware.ImageRange.Start);
        line.Number("functions"u8, (ulong)Pci.Count);
        line.Word("extension"u8, Features.Extension);
        line.WriteTo<DebugPort>();
    }
}

using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Switcher.Runner.Emulators;

/// <summary>
/// The configuration file of Bochs for a machine, its <c>bochsrc</c> (Bochs User Manual, 4.3 "The configuration file bochsrc").
/// </summary>
public static class BochsConfiguration
{
    /// <summary>The two channels of the PIIX3 take two disks each.</summary>
    public const int MostDisks = 4;

    /// <summary>
    /// In Bochs 3.0 a start-up interrupt to all processors ends at the first one that is a guest under VMX. Firmware sends two of them, so
    /// that it gets two processors beside its own and waits for a third one for ever.
    /// </summary>
    public const int MostCpusWithVmx = 3;

    /// <summary>
    /// Instructions that make a second for the machine. With this its time runs a little faster than the host's: what waits for time does
    /// not wait long, and a timer interrupt 250 times a second leaves enough instructions for everything else.
    /// </summary>
    public const int InstructionsPerSecond = 50_000_000;

    /// <summary>
    /// For Linux: the frequency of the time stamp counter, one tick for each instruction. CPUID gives that of the real CPU, with which all
    /// delays would be far too long.
    /// </summary>
    public static readonly string LinuxOptions =
        string.Create(CultureInfo.InvariantCulture, $" tsc_early_khz={InstructionsPerSecond / 1000}");

    /// <summary>Writes the file.</summary>
    /// <param name="options">The machine.</param>
    /// <param name="firmware">The firmware as one image, variables before code; the machine cannot write to it.</param>
    /// <param name="videoBios">The ROM of the display adapter.</param>
    /// <param name="consolePort">TCP port on this host to which the first serial port connects.</param>
    /// <param name="agentPort">The same for the second one.</param>
    /// <exception cref="RunnerException">Bochs has no such machine.</exception>
    public static string Format(MachineOptions options, string firmware, string videoBios, int consolePort, int agentPort)
    {
        if (options.Disks.Count >= MostDisks)
            throw new RunnerException($"Bochs takes {MostDisks - 1} guests' disks, not {options.Disks.Count}");
        string model = options.CpuModel ?? BochsModels.Usual;
        if (BochsModels.BackendOf(model) == "vmx" && options.Cpus > MostCpusWithVmx)
        {
            throw new RunnerException(
                $"Bochs starts only {MostCpusWithVmx} CPUs under VMX, not {options.Cpus}: use --cpus {MostCpusWithVmx}, or "
                    + "--cpu-model ryzen, which has SVM");
        }

        var text = new StringBuilder();

        // A triple fault ends Bochs with the CPU's state in the log. MSRs that Bochs does not know read as 0.
        Line($"cpu: model={model}, count={options.Cpus}, ips={InstructionsPerSecond}, reset_on_triple_fault=0, ignore_bad_msrs=1");
        Line($"memory: guest={options.MemoryMiB}, host={options.MemoryMiB}");
        Line($"romimage: file={firmware}");
        Line($"vgaromimage: file={videoBios}");
        Line($"pci: enabled=1, chipset=i440fx");
        Line($"clock: sync=none, time0=utc");
        Line($"com1: enabled=1, mode=socket-client, dev=127.0.0.1:{consolePort}");
        Line($"com2: enabled=1, mode=socket-client, dev=127.0.0.1:{agentPort}");
        Line($"port_e9_hack: enabled=1");
        Line($"speaker: enabled=0");

        // With the debugger built in, this display is a pseudo-terminal of its own, and standard output is free for port 0xE9.
        Line($"display_library: term");
        Line($"boot: disk");
        List<string> disks = [options.SystemDisk];
        foreach (var disk in options.Disks)
            disks.Add(disk.Image);
        for (int i = 0; i < disks.Count; i++)
        {
            if (i % 2 == 0)
                Line($"ata{i / 2}: enabled=1, ioaddr1={(i == 0 ? "0x1f0, ioaddr2=0x3f0, irq=14" : "0x170, ioaddr2=0x370, irq=15")}");
            Line($"ata{i / 2}-{(i % 2 == 0 ? "master" : "slave")}: type=disk, mode=flat, path=\"{disks[i]}\"");
        }

        // Errors of the CPU say which check a VM entry failed. Its information is a line for every MSR that the guests read.
        Line($"log: -");
        text.Append("panic: action=fatal");
        for (int i = 0; i < options.Cpus && BochsModels.HasControlFlowEnforcement(model); i++)
            text.Append(CultureInfo.InvariantCulture, $", cpu{i}=report");
        text.Append('\n');
        Line($"error: action=report");
        text.Append("info: action=report");
        for (int i = 0; i < options.Cpus; i++)
            text.Append(CultureInfo.InvariantCulture, $", cpu{i}=ignore, apic{i}=ignore");
        text.Append('\n');
        return text.ToString();

        void Line(System.FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }
}

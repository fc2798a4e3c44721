using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Switcher.Runner.Flash;
using Switcher.Runner.Guests;
using Switcher.Runner.Prepare;

namespace Switcher.Runner.Emulators;

/// <summary>QEMU's command line for a machine.</summary>
internal static class QemuArguments
{
    /// <summary>TCG emulates SVM with nested paging on this model.</summary>
    private const string TranslatedCpu = "EPYC,+svm,+npt";

    /// <summary>
    /// One thread for all CPUs. With a thread for each, FXRSTOR and XRSTOR on any CPU clear a bit in the first CPU's flags
    /// (cpu_clear_ignne) without a lock, and so undo what that CPU just did to another bit there: in about one of 50 boots it went on with
    /// nested paging after a #VMEXIT, or with GIF clear after VMRUN, and the guest crashed or hung.
    /// </summary>
    private const string Translator = "tcg,thread=single";

    /// <summary>
    /// The host's CPU, and no sign of KVM: guests that see it hand it addresses of their memory, for its clock, and it would go on writing
    /// there while another guest runs.
    /// </summary>
    private const string AcceleratedCpu = "host,kvm=off";

    /// <summary>Puts the arguments together.</summary>
    /// <param name="cache">The unpacked packages: firmware and QEMU's own files.</param>
    /// <param name="options">The machine.</param>
    /// <param name="variables">The firmware's variable store, which the machine writes to.</param>
    /// <param name="ports">Sockets for console, agents, debug port and machine protocol, in this order.</param>
    public static IReadOnlyList<string> Build(Cache cache, MachineOptions options, string variables, IReadOnlyList<string> ports)
    {
        List<string> arguments =
        [
            "-L", cache.InRoot("usr", "share", "qemu"), "-L", cache.InRoot("usr", "share", "seabios"),
            "-L", cache.InRoot("usr", "lib", "ipxe", "qemu"),
            "-nodefaults", "-no-user-config", "-display", "none",
            "-machine", options.HasSmm ? "q35,smm=on" : "q35,smm=off",
            "-accel", options.Accelerated ? "kvm" : Translator,
            "-cpu", options.CpuModel ?? (options.Accelerated ? AcceleratedCpu : TranslatedCpu),
            "-smp", options.Cpus.ToString(CultureInfo.InvariantCulture),
            "-m", options.MemoryMiB.ToString(CultureInfo.InvariantCulture),

            // The board's own S3 is on, so that its tables offer it to the guests.
            "-global", "ICH9-LPC.disable_s3=0",

            // A reset ends the run, where it can be seen, and does not start a second one.
            "-action", "reboot=shutdown",
            "-drive", $"if=pflash,unit=0,format=raw,readonly=on,file={Escape(FirmwareOf(cache, options))}",
            .. Flash(variables, options.Flash),
        ];

        // Only code in System Management Mode may then write to the variable store, as on a PC.
        if (options.HasSmm)
            arguments.AddRange(["-global", "driver=cfi.pflash01,property=secure,value=on"]);
        string[] names = ["console", "agents", "debug", "control"];
        for (int i = 0; i < names.Length; i++)
            arguments.AddRange(["-chardev", $"socket,id={names[i]},path={Escape(ports[i])},server=off"]);
        arguments.AddRange(["-serial", "chardev:console", "-serial", "chardev:agents"]);
        arguments.AddRange(["-device", "isa-debugcon,iobase=0xe9,chardev=debug", "-mon", "chardev=control,mode=control"]);
        if (options.SystemTransport == DiskTransport.Usb)
            arguments.AddRange(["-device", "qemu-xhci", "-device", "usb-kbd"]);
        arguments.AddRange(Drive("system", options.SystemDisk, DeviceOf(options.SystemTransport, "system", 0) + ",bootindex=0"));
        int ahciPort = 1;
        for (int i = 0; i < options.Disks.Count; i++)
        {
            string id = $"disk{i}";
            DiskTransport transport = options.Disks[i].Transport;
            arguments.AddRange(Drive(id, options.Disks[i].Image, DeviceOf(transport, id, ahciPort)));
            ahciPort += transport == DiskTransport.Ahci ? 1 : 0;
        }

        if (options.DebuggerPort is { } port)
            arguments.AddRange(["-S", "-gdb", string.Create(CultureInfo.InvariantCulture, $"tcp:127.0.0.1:{port}")]);
        arguments.AddRange(options.ExtraArguments);
        return arguments;
    }

    /// <summary>
    /// The build that needs System Management Mode has Secure Boot too, but in a variable store without keys it is off (UEFI 2.10, 32.3
    /// "Firmware/OS Key Exchange": setup mode).
    /// </summary>
    private static string FirmwareOf(Cache cache, MachineOptions options) =>
        cache.InRoot("usr", "share", "OVMF", options.HasSmm ? "OVMF_CODE_4M.secboot.fd" : "OVMF_CODE_4M.fd");

    private static string DeviceOf(DiskTransport transport, string id, int ahciPort) => transport switch
    {
        DiskTransport.Nvme => $"nvme,serial={id}",
        DiskTransport.Ahci => string.Create(CultureInfo.InvariantCulture, $"ide-hd,bus=ide.{ahciPort}"),
        DiskTransport.VirtioBlk => "virtio-blk-pci",
        DiskTransport.Usb => "usb-storage",
        DiskTransport other => throw new RunnerException($"QEMU's machine has no {other} controller"),
    };

    /// <summary>
    /// With a log it names, after each write, how many it has, and nothing waits for the host's disk. Flash that is not kept is filled from
    /// the file at the machine's start, and writes to it go nowhere else. Where OVMF's build with 4 MiB has its store: its first 528 KiB,
    /// and all of it ends at 4 GiB.
    /// </summary>
    private static string[] Flash(string variables, FlashOptions? flash) => flash switch
    {
        { IsKept: false } =>
        [
            "-drive", "if=pflash,unit=1,format=raw,file.driver=null-co,file.size=528k,file.read-zeroes=on",
            "-device", $"loader,file={Escape(variables)},addr=0xFFC00000,force-raw=on",
        ],
        { WriteLog: { } log } =>
        [
            "-drive", $"if=pflash,unit=1,driver=blklogwrites,file.driver=file,file.filename={Escape(variables)},log.driver=file,"
                + $"log.filename={Escape(log)},log.cache.no-flush=on,log-super-update-interval=1",
        ],
        _ => ["-drive", $"if=pflash,unit=1,format=raw,file={Escape(variables)}"],
    };

    private static string[] Drive(string id, string image, string device) =>
        ["-drive", $"if=none,id={id},format=raw,file={Escape(image)}", "-device", $"{device},drive={id}"];

    /// <summary>QEMU ends a value at a comma; a doubled one stands for itself.</summary>
    private static string Escape(string path) => path.Replace(",", ",,", System.StringComparison.Ordinal);
}

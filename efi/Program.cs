using System.Runtime;
using Switcher.Boot.Text;
using Switcher.Efi.Firmware;
using Switcher.Efi.Loader;
using Switcher.Efi.Steps;
using Switcher.Efi.Uefi;

namespace Switcher.Efi;

/// <summary>The way from the firmware's boot manager to the first guest, one line a step.</summary>
internal static unsafe class Program
{
    [RuntimeExport("EfiMain")]
    private static EfiStatus EfiMain(Handle image, SystemTable* table)
    {
        BootContext context = default;
        BootContext* boot = &context;
        boot->Firmware.Start(image, table);
        if (Prepare(boot) && Launch(boot))
            LoadGuests(boot);

        if (boot->HasLeft)
            return EfiStatus.Success;

        // The user may also have asked for one system alone.
        if (!boot->Firmware.Refusal.Reason.IsEmpty)
            boot->Firmware.Refusal.Report(&boot->Firmware);
        Partitions.ReleaseAll(boot);
        return NativeBoot.Run(boot);
    }

    /// <summary>Everything that can be refused without having changed anything.</summary>
    private static bool Prepare(BootContext* boot) => Configuration.Read(boot)
        && boot->Hypervisor.Check(&boot->Firmware)
        && SystemMenu.Run(boot)
        && LoaderCheck.Run(boot)
        && AcpiTables.Read(boot)
        && Partitions.Reserve(boot)
        && AcpiTables.CreateViews(boot)
        && (GuestServices.Create(boot)
            || boot->Firmware.Refusal.Because("the firmware has no memory left for Switcher's loader"u8));

    /// <summary>The point of no return: from here on all CPUs run under the hypervisor, and an error has to take it away again.</summary>
    private static bool Launch(BootContext* boot) => boot->Hypervisor.Prepare(boot->Plan) && boot->Hypervisor.Launch();

    /// <summary>Parks every guest, then lets the first one go. Returns only if a loader failed.</summary>
    private static void LoadGuests(BootContext* boot)
    {
        bool isGood = true;
        for (int i = boot->Plan.Guests.Count - 1; i >= 0 && isGood; i--)
            isGood = GuestServices.Load(boot, boot->Plan.Guests.At(i));
        if (isGood)
            FirmwareDomain.Run(boot);
        boot->Hypervisor.Leave();
    }

    /// <summary>The end of code that has lost its way: what the core library's checks call.</summary>
    [RuntimeExport("Panic")]
    private static void Panic(string reason)
    {
        var line = new LogLine("PANIC"u8);
        for (int i = 0; i < reason.Length; i++)
            line.Text([(byte)reason[i]]);
        line.WriteTo<Log>();
        while (true)
        {
        }
    }
}

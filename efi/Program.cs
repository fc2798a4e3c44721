using System;
using System.Runtime;
using Switcher.Boot.Text;
using Switcher.Efi.Firmware;
using Switcher.Efi.Guests;
using Switcher.Efi.Launch;
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
        FirmwareAccess.Start(image, table);
        if (Prepare() && Launch())
            LoadGuests();

        // The user may also have asked for the first system alone.
        if (!Refusal.Reason.IsEmpty)
            Refusal.Report();
        Partitions.ReleaseAll();
        return NativeBoot.Run();
    }

    /// <summary>Everything that can be refused without having changed anything.</summary>
    private static bool Prepare() => Configuration.Read()
        && Countdown.Run()
        && LoaderCheck.Run()
        && Hypervisor.Check()
        && AcpiTables.Read()
        && Partitions.Reserve()
        && AcpiTables.CreateViews()
        && ChainLoader.Create();

    /// <summary>The point of no return: from here on all CPUs run under the hypervisor, and an error has to take it away again.</summary>
    private static bool Launch()
    {
        BootPlan plan = default;
        BootGuests.Describe(ref plan);
        Partitions.Describe(ref plan);
        AcpiTables.Describe(ref plan);
        return plan.Guests != null && Hypervisor.Prepare(plan) && Hypervisor.Launch();
    }

    /// <summary>Parks every guest but the first, then boots that. Returns only if a loader failed.</summary>
    private static void LoadGuests()
    {
        bool isGood = true;
        for (int i = BootGuests.Count - 1; i > 0 && isGood; i--)
            isGood = ChainLoader.Run(ref BootGuests.At(i));
        if (isGood)
        {
            Partitions.ReleaseLowWindow();
            ChainLoader.Run(ref BootGuests.At(0));
        }

        Hypervisor.Leave();
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

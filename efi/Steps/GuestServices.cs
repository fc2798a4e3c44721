using Switcher.Efi.Guests;
using Switcher.Efi.Loader;
using Switcher.Efi.Services;

namespace Switcher.Efi.Steps;

/// <summary>Gets everything that guests will be served with: boot services for their loaders, runtime services for themselves.</summary>
internal static unsafe class GuestServices
{
    /// <returns>False if the firmware has no memory for it.</returns>
    public static bool Create(BootContext* boot)
    {
        if (!boot->Services.Create(&boot->Firmware, &boot->Plan.Guests, &boot->Plan.Memory, boot->Hypervisor.Backend))
            return false;
        boot->Plan.Report = boot->Services.Report;
        LoaderVariables.Remember(&boot->Services, boot->Firmware.Table->RuntimeServices);
        return boot->Loader.Create(&boot->Firmware, &boot->Plan.Memory, boot->Hypervisor.Backend);
    }

    /// <summary>Runs a guest's loader, and gives the guest what that has left in variables.</summary>
    /// <returns>Whether the guest is parked.</returns>
    public static bool Load(BootContext* boot, GuestBoot* guest)
    {
        bool isParked = ChainLoader.Run(&boot->Loader, guest);
        LoaderVariables.Take(&boot->Services, boot->Firmware.Table->RuntimeServices, &guest->LoaderVariables);
        return isParked;
    }
}

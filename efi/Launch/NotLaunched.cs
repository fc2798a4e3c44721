namespace Switcher.Efi.Launch;

internal static class Hypervisor
{
    public static bool UsesVmcall => false;

    public static bool Check() => true;

    public static ulong RequiredBytes(int guests) => (16 + (2 * (ulong)guests)) * 1024 * 1024;

    public static bool Prepare(in BootPlan plan) => plan.GuestCount > 0;

    public static bool Launch() => true;

    public static void Leave()
    {
    }

    public static void BeginRunPhase(int guest)
    {
    }
}

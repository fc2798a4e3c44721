using System;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Setup;

/// <summary>The machine's processors, as the firmware numbers them.</summary>
internal static unsafe class Processors
{
    /// <summary>How many there are, 1 where the firmware does not say.</summary>
    public static int Count()
    {
        nuint total = 1;
        nuint enabled = 1;
        MpServices* services = Services();
        if (services != null)
            services->GetNumberOfProcessors(services, &total, &enabled);
        return (int)enabled;
    }

    /// <summary>The local APIC's identifier of one.</summary>
    public static byte ApicId(int index)
    {
        MpServices* services = Services();
        ProcessorInformation information;
        if (services == null || services->GetProcessorInfo(services, (nuint)index, &information).IsError)
            return (byte)index;
        return (byte)information.ProcessorId;
    }

    private static MpServices* Services()
    {
        Guid guid = MpServices.Protocol;
        void* found = null;
        return Machine.Table->BootServices->LocateProtocol(&guid, null, &found).IsError ? null : (MpServices*)found;
    }
}

using System;
using System.Runtime.InteropServices;
using Switcher.Efi.Cpu;
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

    /// <summary>Writes a model-specific register of every processor.</summary>
    public static EfiStatus WriteMsr(uint register, ulong value)
    {
        EfiStatus status = EfiStatus.Success;
        for (int i = Count() - 1; i >= 0 && !status.IsError; i--)
            status = WriteMsr(i, register, value);
        return status;
    }

    /// <summary>Writes a model-specific register of one processor; 0 is the one that executes this.</summary>
    public static EfiStatus WriteMsr(int index, uint register, ulong value)
    {
        var write = new MsrWrite { Register = register, Value = value };
        if (index != 0)
            return Services()->StartupThisAp(Services(), &Write, (nuint)index, default, 0, &write, null);
        Instructions.WriteMsr(register, value);
        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static void Write(void* argument)
    {
        var write = (MsrWrite*)argument;
        Instructions.WriteMsr(write->Register, write->Value);
    }

    private struct MsrWrite
    {
        public uint Register;
        public ulong Value;
    }

    private static MpServices* Services() => (MpServices*)Machine.Service(MpServices.Protocol);
}

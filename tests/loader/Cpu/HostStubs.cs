using System;
using System.Collections.Generic;
using Switcher.Hv.Cpu;
using Switcher.Hv.State;
using Switcher.Stubs.Shared;
using Switcher.Tests.Boot.Image;

namespace Switcher.Efi.Cpu;

/// <summary>The way to a hypervisor that is not there: hypercalls are only written down.</summary>
internal static unsafe class HostStubs
{
    // The product's own image, as far as its headers.
    private static readonly byte[] s_image = MakeImage();

    public static List<(ulong Number, ulong Guest)> Hypercalls { get; } = [];

    internal static ulong HypercallSvm(ulong number, ulong first, ulong second)
    {
        Hypercalls.Add((number, first));
        return 0;
    }

    internal static ulong HypercallVmx(ulong number, ulong first, ulong second) => HypercallSvm(number, first, second);

    internal static ulong LaunchCpu(VirtualCpu* cpu, CpuState* captured, ulong stackTop, ulong entry) => throw new NotSupportedException();

    internal static void LeaveHost(VirtualCpu* cpu, LeaveFrame* frame) => throw new NotSupportedException();

    internal static void LoadHostTables(TableRegister* gdtr, TableRegister* idtr, ulong cr3, ulong cr4) =>
        throw new NotSupportedException();

    internal static int TryReadMsr(uint register, ulong unused, ulong* value) => throw new NotSupportedException();

    internal static int TryWriteMsr(uint register, uint high, uint low) => throw new NotSupportedException();

    internal static int TryXsetbv(uint register, uint high, uint low) => throw new NotSupportedException();

    internal static ulong AddressOfHostNmi() => throw new NotSupportedException();

    internal static ulong AddressOfHostExceptions() => throw new NotSupportedException();

    internal static ulong AddressOfHostInterrupt() => throw new NotSupportedException();

    internal static ulong AddressOfImageBase()
    {
        fixed (byte* image = s_image)
            return (ulong)image;
    }

    private static byte[] MakeImage()
    {
        byte[] image = GC.AllocateArray<byte>((int)TestImage.SizeOfImage, pinned: true);
        new TestImage().File.CopyTo(image, 0);
        return image;
    }
}

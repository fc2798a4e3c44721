using System;
using System.Collections.Generic;
using Switcher.Boot.Image;
using Switcher.Hv.Cpu;
using Switcher.Hv.State;
using Switcher.Stubs.Shared;
using Switcher.Tests.Boot.Image;

namespace Switcher.Efi.Cpu;

/// <summary>The way to a hypervisor that is not there: hypercalls are written down, and a test may answer them.</summary>
internal static unsafe class HostStubs
{
    // The product's own image, as far as its headers.
    private static readonly byte[] s_image = MakeImage();

    public static List<(ulong Number, ulong Guest)> Hypercalls { get; } = [];

    public static Func<ulong, ulong, ulong, ulong>? Answer { get; set; }

    internal static ulong HypercallSvm(ulong number, ulong first, ulong second)
    {
        Hypercalls.Add((number, first));
        return Answer?.Invoke(number, first, second) ?? 0;
    }

    internal static ulong HypercallVmx(ulong number, ulong first, ulong second) => HypercallSvm(number, first, second);

    internal static ulong LaunchCpu(VirtualCpu* cpu, CpuState* captured, ulong stackTop, ulong entry) => throw new NotSupportedException();

    internal static void LeaveHost(VirtualCpu* cpu, LeaveFrame* frame) => throw new NotSupportedException();

    internal static void LoadHostTables(TableRegister* gdtr, TableRegister* idtr, ulong cr3, ulong cr4) =>
        throw new NotSupportedException();

    internal static int TryReadMsr(uint register, ulong unused, ulong* value) => throw new NotSupportedException();

    internal static int TryWriteMsr(uint register, uint high, uint low) => throw new NotSupportedException();

    internal static int TryXsetbv(uint register, uint high, uint low) => throw new NotSupportedException();

    // Addresses in an image whose code nobody runs here.
    internal static ulong AddressOfHostNmi() => AddressOfImageBase() + 0x100;

    internal static ulong AddressOfHostExceptions() => AddressOfImageBase() + 0x200;

    internal static ulong AddressOfHostInterrupt() => AddressOfImageBase() + 0x800;

    internal static ulong AddressOfImageBase()
    {
        fixed (byte* image = s_image)
            return (ulong)image;
    }

    private static byte[] MakeImage()
    {
        byte[] image = GC.AllocateArray<byte>((int)TestImage.SizeOfImage, pinned: true);
        var file = new TestImage();

        // An address of 32 bits could not follow the image to where .NET has its memory.
        file.Put16(TestImage.Relocations + 10, 0);
        fixed (byte* address = image)
        {
            if (PeLoader.Load(file.File, image, (ulong)address, out _) != PeStatus.Success)
                throw new InvalidOperationException("The test's image cannot be loaded.");
        }

        return image;
    }
}

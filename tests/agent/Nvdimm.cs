using Switcher.Agent.Linux;

namespace Switcher.Agent;

/// <summary>
/// Asks a non-volatile DIMM for its label area (ACPI 6.5, 9.20.7.9 "NVDIMM Label Methods"; Linux source, "include/uapi/linux/ndctl.h"). The
/// kernel evaluates the DIMM's AML for that, which talks to the machine through the firmware's ACPI NVS memory.
/// </summary>
internal static unsafe class Nvdimm
{
    // ND_IOCTL_GET_CONFIG_SIZE: status, size of the area, most bytes of one transfer.
    private const ulong GetConfigSize = 0xC00C_4E04;
    private const int Answers = 3;

    /// <summary>Bytes of the first DIMM's label area.</summary>
    /// <returns>0, or a negative error number.</returns>
    public static long LabelBytes(out ulong bytes)
    {
        bytes = 0;

        // The request has the number of one that clears errors, and who may not write may not make that.
        long file = Kernel.Open("/dev/nmem0\0"u8, Kernel.ReadWrite);
        if (file < 0)
            return file;
        uint* answer = stackalloc uint[Answers];
        long result = Kernel.Control(file, GetConfigSize, answer);
        Kernel.Close(file);
        if (result >= 0 && answer[0] != 0)
            result = -(long)answer[0];
        bytes = answer[1];
        return result;
    }
}

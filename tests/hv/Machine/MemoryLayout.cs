namespace Switcher.Tests.Hv.Machine;

/// <summary>Where things are in the RAM of a <see cref="FakeMachine"/>: physical addresses and bytes.</summary>
internal static class MemoryLayout
{
    /// <summary>Conventional memory below 640 KiB, which is the firmware's.</summary>
    public const int LowBytes = 0xA0000;

    /// <summary>The part of it of which guests have copies: enough for start-up and wake code.</summary>
    public const ulong LowCopy = 0x90000;
    public const int LowCopyBytes = 0x10000;

    public const ulong Hypervisor = 0x1000_0000;
    public const int HypervisorBytes = 0x10_0000;

    public const ulong Firmware = 0x7000_0000;

    /// <summary>The firmware's ACPI NVS memory: two ranges of this size, one right after the other.</summary>
    public const ulong Nvs = 0x7800_0000;
    public const int NvsBytes = 0x1000;

    /// <summary>In the firmware's memory: where the hypervisor writes its report.</summary>
    public const ulong Report = 0x7010_0000;

    /// <summary>Bytes of a partition, and of the firmware's memory, that there really are.</summary>
    public const int PartitionBytes = 0x1_0000;

    /// <summary>Bytes of a partition as its nested page table has it.</summary>
    public const ulong PartitionRange = 0x20_0000;

    // Offsets in a partition and in the firmware's memory.
    public const ulong Facs = 0x1000;
    public const ulong Code = 0x2000;
    public const ulong PageTables = 0x3000;
    public const ulong ParkContext = 0x5000;
    public const ulong GlobalDescriptors = 0x6000;
    public const ulong InterruptDescriptors = 0x7000;
    public const ulong Data = 0x8000;
    public const ulong Services = 0xF000;

    /// <summary>Start of a guest's partition.</summary>
    public static ulong Partition(int guest) => 0x2000_0000 + ((ulong)guest * 0x1000_0000);
}

using Switcher.Boot.Memory;
using Switcher.Tests.Hv.Machine;

namespace Switcher.Tests.Hv.Switch;

/// <summary>What guests of these tests do with the machine's power. Each uses the first CPU and lets all CPUs come to rest.</summary>
internal static class GuestRunner
{
    public const int Pm1Event = 0x600;
    public const int Pm1Enable = 0x602;
    public const int Pm1Control = 0x604;
    public const int Pm1bControl = 0x614;
    public const uint StartAllButSelf = 0x4600 | (3 << 18) | 0x9A;

    // SLP_EN, SCI_EN, and the machine's SLP_TYP values: FakeMachine.Power.
    public const uint SleepS3 = 0x2001 | (5 << 10);
    public const uint SleepS4 = 0x2001 | (6 << 10);
    public const uint SleepS5 = 0x2001 | (7 << 10);

    /// <summary>Where guest number <paramref name="guest"/> wants to wake.</summary>
    public static uint VectorOf(int guest) => 0x9_0120u + ((uint)guest * 0x1010);

    /// <summary>Where a CPU's guest is, as a linear address.</summary>
    public static ulong CodeAddress(this FakeCpu cpu) => cpu.State.Cs.Base + cpu.Rip;

    public static void SetVector(this FakeMachine machine, uint vector)
        => FakePlatform.At<uint>(machine.Guest(machine.ActiveGuest).Facs + 12) = vector;

    /// <summary>The active guest asks for S3 as Linux does: vector, status cleared, SLP_TYP first, then SLP_EN.</summary>
    public static void Suspend(this FakeMachine machine)
    {
        FakeCpu cpu = machine.Cpus[0];
        machine.SetVector(VectorOf(machine.ActiveGuest));
        cpu.Out(Pm1Event, 0x8000, 2);
        cpu.Out(Pm1Control, SleepS3 & ~0x2000u, 2);
        cpu.Out(Pm1Control, SleepS3, 2);
        machine.Settle();
    }

    /// <summary>The active guest shuts down.</summary>
    public static void ShutDown(this FakeMachine machine)
    {
        machine.Cpus[0].Out(Pm1Control, SleepS5, 2);
        machine.Settle();
    }

    /// <summary>The active guest, on the boot CPU, starts its other CPUs; all come to 64-bit mode.</summary>
    public static void StartCpus(this FakeMachine machine)
    {
        machine.Cpus[0].ContinueInLongMode();
        machine.Cpus[0].SendInterrupt(StartAllButSelf, 0);
        machine.Settle();
        foreach (FakeCpu cpu in machine.Cpus)
            cpu.ContinueInLongMode();
    }

    /// <summary>Bytes of a guest's partition.</summary>
    public static byte[] PartitionOf(int guest)
        => FakePlatform.Bytes(new HostPhysicalAddress(MemoryLayout.Partition(guest)), MemoryLayout.PartitionBytes).ToArray();

    /// <summary>What the ACPI NVS memory holds now.</summary>
    public static byte[] NvsNow() => FakePlatform.Bytes(new HostPhysicalAddress(MemoryLayout.Nvs), 2 * MemoryLayout.NvsBytes).ToArray();
}

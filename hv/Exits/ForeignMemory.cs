using Switcher.Hv.State;

namespace Switcher.Hv.Exits;

/// <summary>Memory that is not the guest's: reads give all ones, writes are dropped, as where no device answers.</summary>
public readonly struct ForeignMemory : IStoreTarget
{
    public static ulong Read(in HypervisorState hypervisor, uint offset, int size) => ulong.MaxValue;

    public static void Write(ref HypervisorState hypervisor, ref VirtualCpu cpu, uint offset, ulong value, int size)
    {
    }
}

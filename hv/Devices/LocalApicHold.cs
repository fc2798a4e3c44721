using Switcher.Boot.Memory;

namespace Switcher.Hv.Devices;

/// <summary>What <c>LocalApicHold</c> has changed.</summary>
public struct HeldVectors
{
    public uint TaskPriority;
    public uint Lint0;
}

public abstract partial class Machine<TPlatform>
{
    /// <summary>
    /// Holds back external interrupts without a word to the CPU: the task priority those with vectors (SDM vol. 3, 11.8.3.1 "Task and
    /// Processor Priorities"), the mask of LINT0 those of an 8259. They stay pending.
    /// </summary>
    public static class LocalApicHold
    {
        /// <param name="apic">The executing CPU's local APIC.</param>
        /// <param name="taskPriority">Vectors of its class, bits 7:4, and below are held back.</param>
        public static HeldVectors Begin(HostPhysicalAddress apic, byte taskPriority)
        {
            var held = new HeldVectors
            {
                TaskPriority = LocalApic.Read(apic, ApicRegister.TaskPriority),
                Lint0 = LocalApic.Read(apic, ApicRegister.LvtLint0),
            };
            LocalApic.Write(apic, ApicRegister.TaskPriority, taskPriority);
            LocalApic.Write(apic, ApicRegister.LvtLint0, held.Lint0 | LocalApic.Masked);
            return held;
        }

        public static void End(HostPhysicalAddress apic, in HeldVectors held)
        {
            LocalApic.Write(apic, ApicRegister.LvtLint0, held.Lint0);
            LocalApic.Write(apic, ApicRegister.TaskPriority, held.TaskPriority);
        }
    }
}

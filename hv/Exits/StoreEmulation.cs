using System;
using System.Buffers.Binary;
using Switcher.Boot.Memory;
using Switcher.Hv.Cpu;
using Switcher.Hv.Decode;
using Switcher.Hv.State;
using Switcher.Hv.Vendor;

namespace Switcher.Hv.Exits;

/// <summary>What stands behind an address at which a guest's store is carried out by the hypervisor.</summary>
public interface IStoreTarget
{
    /// <summary>What a read there gives: for instructions that read before they write.</summary>
    static abstract ulong Read(in HypervisorState hypervisor, uint offset, int size);

    /// <summary>Carries the store out.</summary>
    static abstract void Write(ref HypervisorState hypervisor, ref VirtualCpu cpu, uint offset, ulong value, int size);
}

public abstract partial class ExitHandling<TPlatform, TVirtualization>
{
    /// <summary>Carries out one instruction that writes to memory, in place of the guest's CPU, and continues behind it.</summary>
    /// <typeparam name="TTarget">What is written to.</typeparam>
    public static class StoreEmulation<TTarget>
        where TTarget : struct, IStoreTarget
    {
        private const int Accumulator = 0;
        private const int Counter = 1;
        private const int SourceIndex = 6;
        private const int DestinationIndex = 7;

        /// <param name="state">The guest's state at the instruction.</param>
        /// <param name="offset">The address written, within its page.</param>
        public static void Run(
            ref HypervisorState hypervisor, ref VirtualCpu cpu, in CpuState state, in DecodedInstruction instruction, uint offset)
        {
            int size = instruction.OperandSize;
            switch (instruction.Kind)
            {
                case InstructionKind.Store:
                    TTarget.Write(ref hypervisor, ref cpu, offset, SourceOf(cpu, instruction), size);
                    break;
                case InstructionKind.Exchange:
                    ulong exchanged = TTarget.Read(hypervisor, offset, size);
                    TTarget.Write(ref hypervisor, ref cpu, offset, SourceOf(cpu, instruction), size);
                    SetRegister(ref cpu.Registers, instruction, exchanged);
                    break;
                case InstructionKind.ReadModifyWrite:
                    Modify(ref hypervisor, ref cpu, state, instruction, offset);
                    return;
                case InstructionKind.StringStore or InstructionKind.StringMove:
                    if (!TryStepString(ref hypervisor, ref cpu, state, instruction, offset))
                        return;
                    break;
                default:
                    // A store of something else (a vector, a segment register, a return address) to where no such thing belongs: dropped.
                    break;
            }
            InstructionSkip.Run(ref cpu, state, instruction.Length);
        }

        private static void Modify(
            ref HypervisorState hypervisor, ref VirtualCpu cpu, CpuState state, in DecodedInstruction instruction, uint offset)
        {
            ulong memory = TTarget.Read(hypervisor, offset, instruction.OperandSize);
            ulong result = Arithmetic.Compute(
                instruction.Operation, instruction.OperandSize, memory, SourceOf(cpu, instruction), ref state.Rflags);
            TTarget.Write(ref hypervisor, ref cpu, offset, result, instruction.OperandSize);
            TVirtualization.LoadState(ref cpu, state, StateKind.Changed);
            InstructionSkip.Run(ref cpu, state, instruction.Length);
        }

        /// <summary>
        /// One step of STOS or MOVS. A repeated one exits again at its next step, so that interrupts come in between as they do natively.
        /// </summary>
        /// <returns>True if the instruction is through.</returns>
        private static bool TryStepString(
            ref HypervisorState hypervisor, ref VirtualCpu cpu, in CpuState state, in DecodedInstruction instruction, uint offset)
        {
            ulong mask = instruction.AddressSize == 8 ? ulong.MaxValue : (1UL << (8 * instruction.AddressSize)) - 1;
            if (instruction.IsRepeated && (cpu.Registers.Rcx & mask) == 0)
                return true;

            ulong value = cpu.Registers.Get(Accumulator);
            if (instruction.Kind == InstructionKind.StringMove)
            {
                value = ReadSource(hypervisor, cpu, state, cpu.Registers.Rsi & mask, instruction.OperandSize);
                Step(ref cpu.Registers, SourceIndex, mask, state, instruction.OperandSize);
            }
            TTarget.Write(ref hypervisor, ref cpu, offset, value, instruction.OperandSize);
            Step(ref cpu.Registers, DestinationIndex, mask, state, instruction.OperandSize);
            if (!instruction.IsRepeated)
                return true;
            Put(ref cpu.Registers, Counter, mask, cpu.Registers.Rcx - 1);
            return (cpu.Registers.Rcx & mask) == 0;
        }

        private static ulong ReadSource(
            in HypervisorState hypervisor, in VirtualCpu cpu, in CpuState state, ulong address, int size)
        {
            Span<byte> bytes = stackalloc byte[8];
            bytes.Clear();
            HostPhysicalAddress root = Executing(hypervisor, cpu).NestedRoot;
            bool isLong = (state.Efer & Efer.LongModeActive) != 0 && state.Cs.IsLong;
            GuestMemory.Read(root, state, isLong ? address : (uint)(state.Ds.Base + address), bytes.Slice(0, size));
            return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        }

        private static void Step(ref GuestRegisters registers, int register, ulong mask, in CpuState state, int size)
        {
            ulong step = (state.Rflags & Rflags.Direction) != 0 ? (ulong)-size : (ulong)size;
            Put(ref registers, register, mask, registers.Get(register) + step);
        }

        /// <summary>Changes as much of a register as an address of that size has; 32 bits clear the rest.</summary>
        private static void Put(ref GuestRegisters registers, int register, ulong mask, ulong value)
            => registers.Set(register, mask == 0xFFFF ? (registers.Get(register) & ~mask) | (value & mask) : value & mask);

        private static ulong SourceOf(in VirtualCpu cpu, in DecodedInstruction instruction)
        {
            if (instruction.IsImmediate)
                return instruction.Immediate;
            ulong value = cpu.Registers.Get(instruction.Register);
            return instruction.IsHighByte ? value >> 8 : value;
        }

        private static void SetRegister(ref GuestRegisters registers, in DecodedInstruction instruction, ulong value)
        {
            ulong old = registers.Get(instruction.Register);
            registers.Set(instruction.Register, instruction.OperandSize switch
            {
                1 when instruction.IsHighByte => (old & ~0xFF00UL) | ((value & 0xFF) << 8),
                1 => (old & ~0xFFUL) | (byte)value,
                2 => (old & ~0xFFFFUL) | (ushort)value,
                4 => (uint)value,
                _ => value,
            });
        }
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Iced.Intel;
using Switcher.Build;
using Switcher.Hv.Cpu;
using Switcher.Hv.State;
using Switcher.Stubs.Shared;
using Xunit;

namespace Switcher.Tests.Efi;

/// <summary>
/// The structures that C# and machine code share: what the specifications give, and that the code as assembled reaches the fields it means.
/// </summary>
public class StubLayoutTests
{
    private static readonly Dictionary<string, StubFunction> _functions =
        StubCode.Functions("switcher").ToDictionary(function => function.Name);

    private static readonly int _fpu = Layout<VirtualCpu>.Offset((ref cpu) => ref cpu.Fpu);

    /// <summary>SDM vol. 2, "LGDT/LIDT": ten bytes in 64-bit mode.</summary>
    [Fact]
    public void TableRegister_IsALimitAndABase()
    {
        Assert.Equal(0, Layout<TableRegister>.Offset((ref register) => ref register.Limit));
        Assert.Equal(2, Layout<TableRegister>.Offset((ref register) => ref register.Base));
        Assert.Equal(10, Layout<TableRegister>.Size);
    }

    /// <summary>SDM vol. 2, "IRET/IRETD/IRETQ": what it pops, one after the other.</summary>
    [Fact]
    public void LeaveFrame_BeginsWithWhatIretqPops()
    {
        Assert.Equal(0, Layout<LeaveFrame>.Offset((ref frame) => ref frame.Rip));
        Assert.Equal(8, Layout<LeaveFrame>.Offset((ref frame) => ref frame.Cs));
        Assert.Equal(16, Layout<LeaveFrame>.Offset((ref frame) => ref frame.Rflags));
        Assert.Equal(24, Layout<LeaveFrame>.Offset((ref frame) => ref frame.Rsp));
        Assert.Equal(32, Layout<LeaveFrame>.Offset((ref frame) => ref frame.Ss));
    }

    /// <summary>SDM vol. 3, 6.14.2 "64-Bit Mode Stack Frame": from the error code on, with nothing behind SS.</summary>
    [Fact]
    public void FaultFrame_EndsWithWhatTheProcessorPushes()
    {
        int errorCode = Layout<FaultFrame>.Offset((ref frame) => ref frame.ErrorCode);
        Assert.Equal(errorCode + 8, Layout<FaultFrame>.Offset((ref frame) => ref frame.Rip));
        Assert.Equal(errorCode + 16, Layout<FaultFrame>.Offset((ref frame) => ref frame.Cs));
        Assert.Equal(errorCode + 24, Layout<FaultFrame>.Offset((ref frame) => ref frame.Rflags));
        Assert.Equal(errorCode + 32, Layout<FaultFrame>.Offset((ref frame) => ref frame.Rsp));
        Assert.Equal(errorCode + 40, Layout<FaultFrame>.Offset((ref frame) => ref frame.Ss));
        Assert.Equal(errorCode + 48, Layout<FaultFrame>.Size);
    }

    [Theory]
    [InlineData("RunSvm")]
    [InlineData("RunVmx")]
    [InlineData("LeaveHost")]
    public void GuestRegisters_Loaded_ComeFromTheirOwnFields(string function)
    {
        List<Instruction> loads =
            [.. Code(function).Where(instruction => instruction.Mnemonic == Mnemonic.Mov && instruction.MemoryBase == Register.RCX)];

        Assert.All(loads, load => Assert.Equal(OffsetOf<GuestRegisters>(load.Op0Register), Displacement(load)));
        IEnumerable<Register> expected = General().Except(function == "RunSvm" ? [Register.RAX, Register.RSP] : [Register.RSP]);
        Assert.Equal(expected.Order(), loads.Select(load => load.Op0Register).Order());
        Assert.Equal(Register.RCX, loads[^1].Op0Register);
    }

    [Theory]
    [InlineData("RunSvm")]
    [InlineData("VmxExited")]
    public void GuestRegisters_Stored_GoToTheirOwnFields(string function)
    {
        List<Instruction> stores = [.. Code(function).Where(instruction => instruction.Mnemonic == Mnemonic.Mov
            && instruction.MemoryBase == Register.RAX && instruction.Op0Kind == OpKind.Memory)];

        // On VMX the guest's RAX is put aside first, and comes to its place by way of RCX.
        if (function == "VmxExited")
        {
            Instruction last = stores[^1];
            Assert.Equal((OffsetOf<GuestRegisters>(Register.RAX), Register.RCX), (Displacement(last), last.Op1Register));
            stores.Remove(last);
        }

        Assert.All(stores, store => Assert.Equal(OffsetOf<GuestRegisters>(store.Op1Register), Displacement(store)));
        Assert.Equal(General().Except([Register.RAX, Register.RSP]).Order(), stores.Select(store => store.Op1Register).Order());
    }

    [Theory]
    [InlineData("RunSvm", 2)]
    [InlineData("RunVmx", 1)]
    [InlineData("VmxExited", 1)]
    [InlineData("LaunchCpu", 1)]
    [InlineData("LeaveHost", 1)]
    public void FpuState_SavedAndRestored_IsTheVirtualCpus(string function, int times)
    {
        IEnumerable<int> used =
            Code(function).Where(instruction => instruction.Mnemonic is Mnemonic.Fxsave64 or Mnemonic.Fxrstor64).Select(Displacement);

        Assert.Equal(Enumerable.Repeat(_fpu, times), used);
    }

    /// <summary>GS points to the VirtualCpu of the CPU.</summary>
    [Fact]
    public void VirtualCpu_ReachedThroughGs_IsReachedAtItsFields()
    {
        int kickPending = Layout<VirtualCpu>.Offset((ref cpu) => ref cpu.KickPending);
        int guestNmi = Layout<VirtualCpu>.Offset((ref cpu) => ref cpu.GuestNmi);
        int requests = Layout<VirtualCpu>.Offset((ref cpu) => ref cpu.Requests);

        Assert.Equal([(Mnemonic.Xchg, kickPending), (Mnemonic.Mov, guestNmi)], ThroughGs("HostNmi"));
        Assert.Equal([(Mnemonic.Cmp, requests), (Mnemonic.Cmp, guestNmi)], ThroughGs("VmxEntry"));
        Assert.Equal(["HostNmi", "VmxEntry"], _functions.Keys.Where(name => ThroughGs(name).Any()).Order());
    }

    [Fact]
    public void CpuState_OfALaunchedCpu_GetsRipAndRsp()
    {
        IEnumerable<(Register, int)> stores = Code("LaunchCpu").Where(instruction => instruction.MemoryBase == Register.RDX)
            .Select(instruction => (instruction.Op1Register, Displacement(instruction)));

        Assert.Equal(
            [
                (Register.RAX, Layout<CpuState>.Offset((ref state) => ref state.Rip)),
                (Register.RSP, Layout<CpuState>.Offset((ref state) => ref state.Rsp)),
            ],
            stores);
    }

    [Fact]
    public void LeaveFrame_Loaded_GoesWhereItsFieldsSay()
    {
        var loaded = new Dictionary<string, int>();
        int last = -1;
        foreach (Instruction instruction in Code("LeaveHost"))
        {
            if (instruction.MemoryBase == Register.RDX)
                last = Displacement(instruction);
            if (instruction.MemoryBase == Register.RDX && instruction.Mnemonic is Mnemonic.Lgdt or Mnemonic.Lidt)
                loaded.Add(instruction.Mnemonic == Mnemonic.Lgdt ? nameof(LeaveFrame.Gdtr) : nameof(LeaveFrame.Idtr), last);
            else if (instruction.Op0Register.IsSegmentRegister() || instruction.Op0Register.IsCR())
                loaded.Add(instruction.Op0Register.ToString(), last);
            else if (instruction.Op0Register == Register.RSP)
                loaded.Add(nameof(LeaveFrame.Rip), last);
        }

        Assert.Equal(9, loaded.Count);
        Assert.All(loaded, load => Assert.Equal(OffsetOf<LeaveFrame>(load.Key), load.Value));
    }

    [Fact]
    public void FaultFrame_Pushed_HasItsFieldsInPlace()
    {
        int depth = OffsetOf<FaultFrame>(Register.RAX);
        var pushed = new List<Register>();
        foreach (Instruction instruction in Code("HostException").Where(instruction => instruction.Mnemonic == Mnemonic.Push))
        {
            depth -= 8;
            Assert.Equal(OffsetOf<FaultFrame>(instruction.Op0Register), depth);
            pushed.Add(instruction.Op0Register);
        }

        Assert.Equal(0, depth);
        Assert.Equal(General().Except([Register.RAX, Register.RSP]).Order(), pushed.Order());
    }

    [Fact]
    public void FaultFrame_LookedAtBeforeItIsWhole_IsReachedAtItsFields()
    {
        int onStack = Layout<FaultFrame>.Offset((ref frame) => ref frame.Rax);
        int vector = Layout<FaultFrame>.Offset((ref frame) => ref frame.Vector) - onStack;
        int rip = Layout<FaultFrame>.Offset((ref frame) => ref frame.Rip) - onStack;
        List<Instruction> code = [.. Code("HostException")];

        Instruction compared = code.First(instruction => instruction.Mnemonic == Mnemonic.Cmp);
        Assert.Equal((vector, 13UL), (Displacement(compared), compared.GetImmediate(1)));
        IEnumerable<Instruction> others = code.Where(instruction => instruction.Mnemonic == Mnemonic.Cmp).Skip(1);
        Assert.Equal([rip, rip, rip], others.Select(Displacement));
        Instruction dropped = code.Single(instruction => instruction.Mnemonic == Mnemonic.Add && instruction.Op0Register == Register.RSP);
        Assert.Equal((ulong)rip, dropped.GetImmediate(1));
    }

    [Fact]
    public void HostExceptions_EveryStride_PushTheirVectorAboveTheErrorCode()
    {
        int onStack = Layout<FaultFrame>.Offset((ref frame) => ref frame.Rax);
        Assert.Equal(onStack + 8, Layout<FaultFrame>.Offset((ref frame) => ref frame.Vector));
        Assert.Equal(onStack + 16, Layout<FaultFrame>.Offset((ref frame) => ref frame.ErrorCode));

        List<Instruction> code = [.. Code("HostExceptions")];
        for (int vector = 0; vector < HostGates.Exceptions; vector++)
        {
            ulong entry = code[0].IP + (ulong)(vector * HostGates.ExceptionStride);
            List<Instruction> instructions = [.. code.Where(instruction => instruction.IP >= entry).Take(4)];

            Assert.Equal(entry, instructions[0].IP);
            Assert.Equal((Mnemonic.Push, (ulong)vector), (instructions[1].Mnemonic, instructions[1].GetImmediate(0)));
            Assert.Equal((Mnemonic.Lea, -8), (instructions[2].Mnemonic, Displacement(instructions[2])));
            Assert.Equal(Mnemonic.Jmp, instructions[3].Mnemonic);
            Assert.True(instructions[3].NextIP <= entry + HostGates.ExceptionStride);
        }
    }

    [Theory]
    [InlineData("SvmParkThunk", Mnemonic.Vmmcall)]
    [InlineData("VmxParkThunk", Mnemonic.Vmcall)]
    public void ParkThunk_Copied_UsesTheFieldsInFrontOfItsCode(string thunk, Mnemonic hypercall)
    {
        byte[] bytes = Constant(thunk);
        List<Instruction> code = Decode(bytes, Layout<ParkThunk>.Size);
        IEnumerable<(Mnemonic, Register, ulong)> used = code.Where(instruction => instruction.IsIPRelativeMemoryOperand)
            .Select(instruction => (instruction.Mnemonic, instruction.Op0Register, instruction.IPRelativeMemoryAddress));

        Assert.Equal(ParkThunk.Length, bytes.Length);
        Assert.Equal(new byte[Layout<ParkThunk>.Size], bytes[..Layout<ParkThunk>.Size]);
        Assert.Equal(
            [
                (Mnemonic.Call, Register.None, Field((ref thunk) => ref thunk.Hook)),
                (Mnemonic.Mov, Register.RAX, Field((ref thunk) => ref thunk.Function)),
                (Mnemonic.Mov, Register.RCX, Field((ref thunk) => ref thunk.Guest)),
                (Mnemonic.Mov, Register.RDX, Field((ref thunk) => ref thunk.Context)),
                (Mnemonic.Mov, Register.RCX, Field((ref thunk) => ref thunk.Frame)),
                (Mnemonic.Jmp, Register.None, Field((ref thunk) => ref thunk.Leave)),
            ],
            used);
        Assert.Contains(code, instruction => instruction.Mnemonic == hypercall);

        static ulong Field(Layout<ParkThunk>.Field<ulong> field) => (ulong)Layout<ParkThunk>.Offset(field);
    }

    /// <summary>Lock and owner are one access of the machine code; what is cleared for a call is a number of quadwords.</summary>
    [Fact]
    public void ServiceMailbox_Fields_LieOneBehindTheOtherBelowTheName()
    {
        Assert.Equal(0, Layout<ServiceMailbox>.Offset((ref mailbox) => ref mailbox.Lock));
        Assert.Equal(4, Layout<ServiceMailbox>.Offset((ref mailbox) => ref mailbox.Owner));
        Assert.Equal(8, Layout<ServiceMailbox>.Offset((ref mailbox) => ref mailbox.Service));
        Assert.Equal(16, Layout<ServiceMailbox>.Offset((ref mailbox) => ref mailbox.Status));
        Assert.Equal(24, Layout<ServiceMailbox>.Offset((ref mailbox) => ref mailbox.Results));
        Assert.Equal(32, Layout<ServiceMailbox>.Offset((ref mailbox) => ref mailbox.NameBytes));
        Assert.Equal(40, Layout<ServiceMailbox>.Offset((ref mailbox) => ref mailbox.DataBytes));
        Assert.Equal(48, Layout<ServiceMailbox>.Offset((ref mailbox) => ref mailbox.Arguments));
        Assert.Equal(88, Layout<ServiceMailbox>.Offset((ref mailbox) => ref mailbox.Slots));
        Assert.Equal(168, Layout<ServiceMailbox>.Size);
        Assert.InRange(Layout<ServiceMailbox>.Size, 0, ServiceMailbox.NameOffset);
        Assert.Equal(0, Layout<ServiceShim>.Offset((ref shim) => ref shim.Mailbox));
        Assert.InRange(Layout<ServiceShim>.Size, 0, ServiceShim.FirstEntry);
        Assert.Equal(ServiceShim.Services, Enum.GetValues<RuntimeService>().Length);
    }

    [Theory]
    [InlineData("SvmServiceShim", Mnemonic.Vmmcall)]
    [InlineData("VmxServiceShim", Mnemonic.Vmcall)]
    public void ServiceShim_Copied_IsAPageThatUsesNothingOutside(string shim, Mnemonic hypercall)
    {
        byte[] bytes = Constant(shim);
        List<Instruction> code = Decode(bytes, ServiceShim.EntryOf((RuntimeService)ServiceShim.Services));
        code = code[..(code.FindIndex(instruction => instruction.Mnemonic == Mnemonic.Ret) + 1)];
        ulong end = code[^1].NextIP;

        Assert.Equal(ServiceShim.Length, bytes.Length);
        Assert.Equal(new byte[ServiceShim.FirstEntry], bytes[..ServiceShim.FirstEntry]);
        Assert.Equal([Mnemonic.Pushfq, Mnemonic.Cli, Mnemonic.Cld], code.Skip(4).Take(3).Select(instruction => instruction.Mnemonic));
        Assert.Single(code, instruction => instruction.Mnemonic == hypercall);
        Assert.DoesNotContain(code, instruction => instruction.Mnemonic == Mnemonic.Call || instruction.Op0Register.IsXMM());
        Assert.All(
            code.Where(instruction => instruction.FlowControl is FlowControl.ConditionalBranch or FlowControl.UnconditionalBranch),
            branch => Assert.InRange(branch.NearBranchTarget, code[0].IP, end));
        Assert.Equal([0, end], code.Where(instruction => instruction.IsIPRelativeMemoryOperand)
            .Select(instruction => instruction.IPRelativeMemoryAddress));
        foreach (RuntimeService service in Enum.GetValues<RuntimeService>())
        {
            List<Instruction> entry = [.. Decode(bytes, ServiceShim.EntryOf(service)).Take(2)];
            Assert.Equal(Mnemonic.Mov, entry[0].Mnemonic);
            Assert.True(entry[1].Mnemonic == Mnemonic.Ret || entry[1].NearBranchTarget == code[0].IP);
            Assert.True(entry[1].NextIP <= (ulong)(ServiceShim.EntryOf(service) + ServiceShim.EntryStride));
        }
    }

    [Fact]
    public void PartitionCode_Copied_Halts()
    {
        byte[] bytes = Constant("PartitionCode");
        List<Instruction> halt = Decode(bytes, PartitionCode.Halt);

        Assert.Equal(PartitionCode.Length, bytes.Length);
        Assert.Equal([Mnemonic.Cli, Mnemonic.Hlt, Mnemonic.Jmp], halt.Take(3).Select(instruction => instruction.Mnemonic));
        Assert.Equal(halt[1].IP, halt[2].NearBranchTarget);
    }

    private static IReadOnlyList<Instruction> Code(string function) => _functions[function].Instructions;

    private static IEnumerable<(Mnemonic Mnemonic, int Offset)> ThroughGs(string function) => Code(function)
        .Where(instruction => instruction.SegmentPrefix == Register.GS)
        .Select(instruction => (instruction.Mnemonic, Displacement(instruction)));

    private static int Displacement(Instruction instruction) => (int)instruction.MemoryDisplacement64;

    private static IEnumerable<Register> General() => Enumerable.Range(0, 16).Select(number => Register.RAX + number);

    // Fields are named as registers, Rax for RAX.
    private static int OffsetOf<T>(Register register)
        where T : struct => OffsetOf<T>(register.ToString());

    private static int OffsetOf<T>(string name)
        where T : struct
    {
        FieldInfo field = typeof(T).GetField(name, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase)
            ?? throw new ArgumentException($"no field {name} in {typeof(T)}");
        return (int)System.Runtime.InteropServices.Marshal.OffsetOf<T>(field.Name);
    }

    private static byte[] Constant(string name)
    {
        CoffReader stubs = StubCode.Object("switcher");
        ObjectSymbol symbol = stubs.Symbols.Single(symbol => symbol.Name == name);
        ReadOnlyMemory<byte> section = stubs.Sections[symbol.Section - 1].Content;
        IEnumerable<uint> ends = stubs.Symbols.Where(other => other.Section == symbol.Section && other.Offset > symbol.Offset)
            .Select(other => other.Offset);
        return section[(int)symbol.Offset..(int)ends.Append((uint)section.Length).Min()].ToArray();
    }

    private static List<Instruction> Decode(byte[] bytes, int offset)
    {
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(bytes, offset, bytes.Length - offset), (ulong)offset);
        var instructions = new List<Instruction>();
        while (decoder.IP < (ulong)bytes.Length)
            instructions.Add(decoder.Decode());
        return instructions;
    }
}

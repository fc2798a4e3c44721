using System;
using System.Linq;
using Iced.Intel;
using Switcher.Build;
using Switcher.Hv.Exits;
using Switcher.Stubs.Shared;
using static Iced.Intel.AssemblerRegisters;

namespace Switcher.Stubs;

/// <summary>
/// A guest's runtime services, copied into its RuntimeServicesCode page behind struct <see cref="ServiceShim"/>: what a service's
/// parameters point to goes into the mailbox, the hypervisor has the firmware serve it, and what came of it goes back.
/// </summary>
public static class ServiceStubs
{
    // UEFI 2.10, Appendix D "Status Codes".
    private const ulong Unsupported = 0x8000_0000_0000_0003;
    private const ulong NotReady = 0x8000_0000_0000_0006;
    private const ulong DeviceError = 0x8000_0000_0000_0007;

    private const int SizeMask = 0x1F;

    // A row of kinds ends with None.
    private const int RowBytes = (ServiceMailbox.Parameters + 1) * sizeof(ushort);

    private static readonly int s_lock = Layout<ServiceMailbox>.Offset((ref mailbox) => ref mailbox.Lock);
    private static readonly int s_service = Layout<ServiceMailbox>.Offset((ref mailbox) => ref mailbox.Service);
    private static readonly int s_status = Layout<ServiceMailbox>.Offset((ref mailbox) => ref mailbox.Status);
    private static readonly int s_results = Layout<ServiceMailbox>.Offset((ref mailbox) => ref mailbox.Results);
    private static readonly int s_nameBytes = Layout<ServiceMailbox>.Offset((ref mailbox) => ref mailbox.NameBytes);
    private static readonly int s_dataBytes = Layout<ServiceMailbox>.Offset((ref mailbox) => ref mailbox.DataBytes);
    private static readonly int s_arguments = Layout<ServiceMailbox>.Offset((ref mailbox) => ref mailbox.Arguments);
    private static readonly int s_slots = Layout<ServiceMailbox>.Offset((ref mailbox) => ref mailbox.Slots);

    private static readonly AssemblerRegister64[] s_saved = [rbx, rbp, rsi, rdi, r12, r13];

    // Behind the last entry.
    private static ulong BodyOffset => (ulong)ServiceShim.EntryOf((RuntimeService)ServiceShim.Services);

    /// <summary>A parameter: the low five bits are the bytes of the value, or of what it points to.</summary>
    [Flags]
    private enum Kind : ushort
    {
        None = 0,
        Value8 = Value | 1,
        Value32 = Value | 4,
        Value64 = Value | 8,

        /// <summary>It points to something that is read, or written.</summary>
        In = 0x20,
        Out = 0x40,

        Value = 0x80,

        /// <summary>Most bytes of the <see cref="Name"/> or <see cref="Data"/> behind it in the row.</summary>
        Size = 0x100,

        /// <summary>CHAR16 up to a zero.</summary>
        Name = 0x200,

        /// <summary>As many bytes as the size says.</summary>
        Data = 0x400,
    }

    public static void Define(StubBuilder stubs)
    {
        Constant("SvmServiceShim", a => a.vmmcall());
        Constant("VmxServiceShim", a => a.vmcall());

        void Constant(string symbol, Action<StubAssembler> hypercall)
        {
            stubs.Constant(symbol, BootStubs.Padded(Code(hypercall), ServiceShim.Length, StubBuilder.Int3));
            BootStubs.AddressOf(stubs, symbol);
        }
    }

    /// <summary>Fields and code, without what fills the page.</summary>
    /// <param name="hypercall">Its number and its result are in RAX. It keeps RBX, RBP and R12 to R15.</param>
    /// <param name="masksInterrupts">Not where CLI is not allowed.</param>
    public static byte[] Code(Action<StubAssembler> hypercall, bool masksInterrupts = true)
    {
        byte[] fields = BootStubs.Padded([], ServiceShim.FirstEntry);
        return
        [
            .. fields,
            .. Enumerable.Range(0, ServiceShim.Services).SelectMany(service => Entry((RuntimeService)service)),
            .. Body(hypercall, masksInterrupts),
        ];
    }

    // UEFI 2.10, chapter 8 "Services - Runtime Services": EFI_TIME and EFI_GUID have 16 bytes, EFI_TIME_CAPABILITIES 12, BOOLEAN 1. No row:
    // the service is not there. Capsules are pointers to more than a mailbox holds.
    private static Kind[] Row(RuntimeService service) => service switch
    {
        RuntimeService.GetTime => [Kind.Out | (Kind)16, Kind.Out | (Kind)12],
        RuntimeService.SetTime => [Kind.In | (Kind)16],
        RuntimeService.GetWakeupTime => [Kind.Out | (Kind)1, Kind.Out | (Kind)1, Kind.Out | (Kind)16],
        RuntimeService.SetWakeupTime => [Kind.Value8, Kind.In | (Kind)16],
        RuntimeService.SetVirtualAddressMap => [Kind.Value64 | Kind.Size, Kind.Value64, Kind.Value32, Kind.In | Kind.Data],
        RuntimeService.ConvertPointer => [Kind.Value64, Kind.In | Kind.Out | (Kind)8],
        RuntimeService.GetVariable =>
            [Kind.In | Kind.Name, Kind.In | (Kind)16, Kind.Out | (Kind)4, Kind.In | Kind.Out | Kind.Size | (Kind)8, Kind.Out | Kind.Data],
        RuntimeService.GetNextVariableName =>
            [Kind.In | Kind.Out | Kind.Size | (Kind)8, Kind.In | Kind.Out | Kind.Name, Kind.In | Kind.Out | (Kind)16],
        RuntimeService.SetVariable =>
            [Kind.In | Kind.Name, Kind.In | (Kind)16, Kind.Value32, Kind.Value64 | Kind.Size, Kind.In | Kind.Data],
        RuntimeService.GetNextHighMonotonicCount => [Kind.Out | (Kind)4],
        RuntimeService.ResetSystem => [Kind.Value32, Kind.Value64, Kind.Value64 | Kind.Size, Kind.In | Kind.Data],
        RuntimeService.QueryVariableInfo => [Kind.Value32, Kind.Out | (Kind)8, Kind.Out | (Kind)8, Kind.Out | (Kind)8],
        _ => [],
    };

    private static byte[] Entry(RuntimeService service)
    {
        byte[] code = StubBuilder.Blob(64, (ulong)ServiceShim.EntryOf(service), a =>
        {
            if (Row(service).Length == 0)
            {
                a.mov(rax, Unsupported);
                a.ret();
                return;
            }

            a.mov(eax, (int)service);
            a.jmp(BodyOffset);
        });
        return BootStubs.Padded(code, ServiceShim.EntryStride, StubBuilder.Int3);
    }

    // Body(EAX service, the service's own parameters). Throughout:
    //   RBX  the mailbox, where it was at the call: SetVirtualAddressMap() changes the page's field
    //   RBP  the parameters, an array in the caller's frame      R12  their row of kinds
    //   R13  most bytes of name or data, as the caller said at the call
    // It may be entered at any time and on any stack, as a bug check of the guest does: no alignment, no vector registers.
    private static byte[] Body(Action<StubAssembler> hypercall, bool masksInterrupts) => StubBuilder.Blob(64, BodyOffset, a =>
    {
        Label rows = a.CreateLabel();
        Label locked = a.CreateLabel();
        Label leave = a.CreateLabel();
        Enter(a, masksInterrupts);
        Lock(a, locked, leave);
        a.Label(ref locked);
        Clear(a);
        a.imul(eax, r10d, RowBytes);
        a.lea(r12, __[rows]);
        a.add(r12, rax);
        CopyIn(a);
        a.mov(eax, (int)Hypercall.CallFirmware);
        hypercall(a);
        a.mov(r10, rax);
        CopyOut(a);
        a.mov(__qword_ptr[rbx + s_lock], 0);            // with the owner: nobody may find a lock of its own that it has given back
        a.mov(rax, r10);
        a.Label(ref leave);
        for (int i = s_saved.Length - 1; i >= 0; i--)
            a.pop(s_saved[i]);
        a.popfq();
        a.ret();
        a.Label(ref rows);
        for (int service = 0; service < ServiceShim.Services; service++)
        {
            Kind[] row = Row((RuntimeService)service);
            for (int i = 0; i <= ServiceMailbox.Parameters; i++)
                a.dw((ushort)row.ElementAtOrDefault(i));
        }
    });

    // Microsoft x64 calling convention, "Stack allocation": above its return address a function finds room for the register parameters, and
    // behind it the others. Which of them there are is the row's to say.
    private static void Enter(StubAssembler a, bool masksInterrupts)
    {
        AssemblerRegister64[] parameters = [rcx, rdx, r8, r9];
        for (int i = 0; i < parameters.Length; i++)
            a.mov(__[rsp + sizeof(ulong) * (1 + i)], parameters[i]);
        a.pushfq();
        if (masksInterrupts)
            a.cli();
        a.cld();
        foreach (AssemblerRegister64 register in s_saved)
            a.push(register);
        a.lea(rbp, __[rsp + sizeof(ulong) * (s_saved.Length + 2)]);
        a.mov(r10d, eax);
    }

    // One access takes the lock and says for whom. So a CPU that finds its own number has been interrupted between here and the end by
    // what CLI does not hold back, NMI or machine check, and would wait for itself.
    private static void Lock(StubAssembler a, Label locked, Label leave)
    {
        Label retry = a.CreateLabel();
        a.mov(eax, 1);
        a.cpuid();                                      // SDM vol. 2, "CPUID": leaf 1, EBX[31:24] is the initial APIC identifier
        a.shr(rbx, 24);
        a.shl(rbx, 32);
        a.lea(r11, __[rbx + 1]);                        // Owner and Lock
        var mailbox = new MemoryOperand(Register.RIP, Layout<ServiceShim>.Offset((ref shim) => ref shim.Mailbox), sizeof(ulong));
        a.AddInstruction(Instruction.Create(Iced.Intel.Code.Mov_r64_rm64, Register.RBX, mailbox));
        a.Label(ref retry);
        a.xor(eax, eax);
        a.@lock.cmpxchg(__qword_ptr[rbx + s_lock], r11);
        a.je(locked);
        a.cmp(rax, r11);
        a.mov(rax, NotReady);
        a.je(leave);
        a.pause();
        a.jmp(retry);
    }

    private static void Clear(StubAssembler a)
    {
        a.lea(rdi, __[rbx + s_service]);
        a.mov(ecx, (Layout<ServiceMailbox>.Size - s_service) / sizeof(ulong));
        a.xor(eax, eax);
        a.rep.stosq();
        a.mov(__[rbx + s_service], r10);
        a.mov(rax, DeviceError);
        a.mov(__[rbx + s_status], rax);
    }

    // For each parameter, R8 its number and R11 its slot: 1. the value, without what the registers hold above it; 2. what it points to;
    // 3. if it is a size, it holds for the name or the data behind it.
    private static void CopyIn(StubAssembler a)
    {
        Label next = a.CreateLabel();
        Label store = a.CreateLabel();
        Label inSlot = a.CreateLabel();
        Label size = a.CreateLabel();
        Label name = a.CreateLabel();
        Label character = a.CreateLabel();
        Label data = a.CreateLabel();
        Label advance = a.CreateLabel();
        Label end = a.CreateLabel();

        First(a);
        a.or(r13, -1);                                  // a name without a size ends at its zero
        a.Label(ref next);
        Fetch(a, end, rdx);
        a.test(eax, (int)Kind.Value);
        a.je(store);
        a.mov(ecx, eax);
        a.and(ecx, SizeMask);
        a.shl(ecx, 3);
        a.neg(ecx);                                     // a shift counts modulo 64
        a.shl(rdx, cl);
        a.shr(rdx, cl);
        a.Label(ref store);
        a.mov(__[rbx + r8 * sizeof(ulong) + s_arguments], rdx);
        a.test(eax, (int)Kind.Value);
        a.jne(size);
        a.test(rdx, rdx);
        a.je(inSlot);
        a.test(eax, (int)Kind.In);
        a.je(advance);
        a.mov(rsi, rdx);
        a.test(eax, (int)Kind.Name);
        a.jne(name);
        a.test(eax, (int)Kind.Data);
        a.jne(data);
        a.mov(rdi, r11);
        a.mov(ecx, eax);
        a.and(ecx, SizeMask);
        a.rep.movsb();
        a.Label(ref inSlot);
        a.mov(rdx, __[r11]);
        a.Label(ref size);
        a.test(eax, (int)Kind.Size);
        a.je(advance);
        a.mov(r13, rdx);
        a.Label(ref advance);
        Advance(a, next);

        a.Label(ref name);
        a.mov(ecx, ServiceMailbox.NameCapacity);
        a.cmp(r13, rcx);
        a.cmovb(rcx, r13);
        a.shr(ecx, 1);
        a.je(advance);
        a.lea(rdi, __[rbx + ServiceMailbox.NameOffset]);
        a.Label(ref character);
        a.lodsw();
        a.stosw();
        a.test(ax, ax);
        a.loopne(character);
        a.jne(advance);
        a.sub(rdi, rbx);
        a.sub(rdi, ServiceMailbox.NameOffset);
        a.mov(__[rbx + s_nameBytes], rdi);
        a.jmp(advance);

        a.Label(ref data);
        a.cmp(r13, ServiceMailbox.DataCapacity);
        a.ja(advance);
        a.mov(rcx, r13);
        a.mov(__[rbx + s_dataBytes], rcx);
        a.lea(rdi, __[rbx + ServiceMailbox.DataOffset]);
        a.rep.movsb();
        a.jmp(advance);
        a.Label(ref end);
    }

    // Only what the firmware's side says, only as much as there is room for at the caller. The mailbox is read once, and what the caller
    // has in its memory is not asked again.
    private static void CopyOut(StubAssembler a)
    {
        Label next = a.CreateLabel();
        Label copy = a.CreateLabel();
        Label name = a.CreateLabel();
        Label data = a.CreateLabel();
        Label clamp = a.CreateLabel();
        Label advance = a.CreateLabel();
        Label end = a.CreateLabel();

        a.mov(r9, __[rbx + s_results]);
        First(a);
        a.Label(ref next);
        Fetch(a, end, rdi);
        a.test(eax, (int)Kind.Out);
        a.je(advance);
        a.test(rdi, rdi);
        a.je(advance);
        a.test(eax, (int)Kind.Name);
        a.jne(name);
        a.test(eax, (int)Kind.Data);
        a.jne(data);
        a.bt(r9, r8);
        a.jae(advance);
        a.mov(rsi, r11);
        a.mov(ecx, eax);
        a.and(ecx, SizeMask);
        a.Label(ref copy);
        a.rep.movsb();
        a.Label(ref advance);
        Advance(a, next);

        a.Label(ref name);
        a.test(r9d, (int)ServiceMailbox.NameResult);
        a.je(advance);
        a.lea(rsi, __[rbx + ServiceMailbox.NameOffset]);
        a.mov(ecx, ServiceMailbox.NameCapacity);
        a.mov(rax, __[rbx + s_nameBytes]);
        a.jmp(clamp);

        a.Label(ref data);
        a.test(r9d, (int)ServiceMailbox.DataResult);
        a.je(advance);
        a.lea(rsi, __[rbx + ServiceMailbox.DataOffset]);
        a.mov(ecx, ServiceMailbox.DataCapacity);
        a.mov(rax, __[rbx + s_dataBytes]);
        a.Label(ref clamp);
        a.cmp(rax, rcx);
        a.cmovb(rcx, rax);
        a.cmp(r13, rcx);
        a.cmovb(rcx, r13);
        a.jmp(copy);
        a.Label(ref end);
    }

    private static void First(StubAssembler a)
    {
        a.xor(r8d, r8d);
        a.lea(r11, __[rbx + s_slots]);
    }

    // EAX the parameter's kind, and the parameter.
    private static void Fetch(StubAssembler a, Label end, AssemblerRegister64 parameter)
    {
        a.movzx(eax, __word_ptr[r12 + r8 * sizeof(ushort)]);
        a.test(eax, eax);
        a.je(end);
        a.mov(parameter, __[rbp + r8 * sizeof(ulong)]);
    }

    private static void Advance(StubAssembler a, Label next)
    {
        a.inc(r8d);
        a.add(r11, ServiceMailbox.SlotBytes);
        a.jmp(next);
    }
}

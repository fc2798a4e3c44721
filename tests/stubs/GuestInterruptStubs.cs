using Iced.Intel;
using Switcher.Build;
using static Iced.Intel.AssemblerRegisters;

namespace Switcher.Tests.Stubs;

/// <summary>The test guest's way into its handler: one entry of 8 bytes for each vector.</summary>
internal static class GuestInterruptStubs
{
    // SDM vol. 3, table 6-1 "Protected-Mode Exceptions and Interrupts": 8, 10 to 14, 17, 21; AMD's 29 and 30 as well.
    private const uint VectorsWithErrorCode = 0x6022_7D00;

    private static readonly AssemblerRegister64[] s_pushed = [rcx, rdx, rbx, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15];

    public static void Define(StubBuilder stubs)
    {
        stubs.Function("InterruptEntries", a =>
        {
            for (int vector = 0; vector < 256; vector++)
            {
                bool hasErrorCode = vector < 32 && (VectorsWithErrorCode & (1u << vector)) != 0;

                // A call always takes five bytes, and says where it came from.
                if (!hasErrorCode)
                    a.push(0);
                a.call(a.Symbol("InterruptCommon"));
                a.db(hasErrorCode ? [0xCC, 0xCC, 0xCC] : [0xCC]);
            }
        });
        stubs.Function("AddressOfInterruptEntries", a =>
        {
            a.lea(rax, __[a.Symbol("InterruptEntries")]);
            a.ret();
        });

        // 1. the return address becomes the vector; 2. all registers to the stack, in the order of struct InterruptFrame; 3. the handler,
        // with the floating-point registers safe from it;  4. back.
        stubs.Function("InterruptCommon", a =>
        {
            a.push(rax);
            a.lea(rax, __[a.Symbol("InterruptEntries")]);
            a.sub(__[rsp + 8], rax);
            a.shr(__qword_ptr[rsp + 8], 3);
            foreach (AssemblerRegister64 register in s_pushed)
                a.push(register);
            a.mov(rbx, rsp);
            a.sub(rsp, 512 + 32);
            a.and(rsp, -16);
            a.fxsave64(__[rsp + 32]);
            a.cld();
            a.mov(rcx, rbx);
            a.CallManaged("HandleInterrupt");
            a.fxrstor64(__[rsp + 32]);
            a.mov(rsp, rbx);
            for (int i = s_pushed.Length - 1; i >= 0; i--)
                a.pop(s_pushed[i]);
            a.pop(rax);
            a.add(rsp, 16);
            a.iretq();
        });
    }
}

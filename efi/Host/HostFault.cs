using System;
using System.Runtime;
using Switcher.Boot.Text;
using Switcher.Efi.Cpu;
using Switcher.Stubs.Shared;

namespace Switcher.Efi.Host;

/// <summary>A fault in the hypervisor itself: says what and where, and stops this CPU. A triple fault would say nothing.</summary>
internal static unsafe class HostFault
{
    [RuntimeExport("HostFault")]
    private static void Report(FaultFrame* frame)
    {
        var line = new LogLine("PANIC fault in the hypervisor"u8);
        line.Number("vector"u8, frame->Vector);
        line.Hex("error"u8, frame->ErrorCode);
        line.Hex("rip"u8, frame->Rip);
        line.Hex("image-offset"u8, frame->Rip - HostStubs.AddressOfImageBase());
        line.Hex("cr2"u8, Instructions.ReadCr2());
        line.WriteTo<Platform>();

        line = new LogLine("PANIC"u8);
        line.Hex("rax"u8, frame->Rax);
        line.Hex("rbx"u8, frame->Rbx);
        line.Hex("rcx"u8, frame->Rcx);
        line.Hex("rdx"u8, frame->Rdx);
        line.Hex("rsi"u8, frame->Rsi);
        line.Hex("rdi"u8, frame->Rdi);
        line.Hex("rbp"u8, frame->Rbp);
        line.Hex("rsp"u8, frame->Rsp);
        line.WriteTo<Platform>();

        line = new LogLine("PANIC"u8);
        line.Hex("r8"u8, frame->R8);
        line.Hex("r9"u8, frame->R9);
        line.Hex("r10"u8, frame->R10);
        line.Hex("r11"u8, frame->R11);
        line.Hex("r12"u8, frame->R12);
        line.Hex("r13"u8, frame->R13);
        line.Hex("r14"u8, frame->R14);
        line.Hex("r15"u8, frame->R15);
        line.Hex("rflags"u8, frame->Rflags);
        line.Hex("cr3"u8, Instructions.ReadCr3());
        line.WriteTo<Platform>();
        Stop();
    }

    /// <summary>Stops this CPU for good.</summary>
    public static void Stop()
    {
        while (true)
        {
            Instructions.Cli();
            Instructions.Hlt();
        }
    }
}

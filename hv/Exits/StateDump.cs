using Switcher.Boot.Text;
using Switcher.Hv.Cpu;
using Switcher.Hv.State;

namespace Switcher.Hv.Exits;

public abstract partial class ExitHandling<TPlatform, TVirtualization>
{
    /// <summary>Writes a guest CPU's registers to the log.</summary>
    public static class StateDump
    {
        public static void Write(ref VirtualCpu cpu)
        {
            TVirtualization.SaveState(ref cpu, out CpuState state);
            var line = new LogLine("INFO state"u8);
            line.Hex("cs"u8, state.Cs.Selector);
            line.Hex("rip"u8, state.Rip);
            line.Hex("rflags"u8, state.Rflags);
            line.Hex("cr0"u8, state.Cr0);
            line.Hex("cr2"u8, state.Cr2);
            line.Hex("cr3"u8, state.Cr3);
            line.Hex("cr4"u8, state.Cr4);
            line.Hex("efer"u8, state.Efer);
            Log(ref line);

            WriteSegment("es"u8, state.Es);
            WriteSegment("cs"u8, state.Cs);
            WriteSegment("ss"u8, state.Ss);
            WriteSegment("ds"u8, state.Ds);
            WriteSegment("fs"u8, state.Fs);
            WriteSegment("gs"u8, state.Gs);
            WriteSegment("ldtr"u8, state.Ldtr);
            WriteSegment("tr"u8, state.Tr);

            line = new LogLine("INFO state"u8);
            line.Hex("rax"u8, cpu.Registers.Rax);
            line.Hex("rcx"u8, cpu.Registers.Rcx);
            line.Hex("rdx"u8, cpu.Registers.Rdx);
            line.Hex("rbx"u8, cpu.Registers.Rbx);
            line.Hex("rsp"u8, cpu.Registers.Rsp);
            line.Hex("rbp"u8, cpu.Registers.Rbp);
            line.Hex("rsi"u8, cpu.Registers.Rsi);
            line.Hex("rdi"u8, cpu.Registers.Rdi);
            Log(ref line);
        }
        /// <summary>Attributes are those of a descriptor as both vendors' manuals number them: type, S, DPL and P in bits 7:0.</summary>
        private static void WriteSegment(System.ReadOnlySpan<byte> name, in SegmentRegister segment)
        {
            var line = new LogLine("INFO segment"u8);
            line.Word("name"u8, name);
            line.Hex("selector"u8, segment.Selector);
            line.Hex("base"u8, segment.Base);
            line.Hex("limit"u8, segment.Limit);
            line.Hex("attributes"u8, segment.Attributes);
            Log(ref line);
        }
    }
}

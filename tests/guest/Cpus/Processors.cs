using System.Runtime.InteropServices;
using System.Threading;
using Switcher.Boot.Text;
using Switcher.Efi.Cpu;
using Switcher.Tests.Guest.Devices;
using Switcher.Tests.Stubs.Shared;

namespace Switcher.Tests.Guest.Cpus;

/// <summary>All processors: found in the MADT, started with INIT and start-up interrupts, and given things to do.</summary>
internal static unsafe class Processors
{
    /// <summary>More are left alone.</summary>
    public const int Most = 16;

    /// <summary>How long a processor may take for anything, in milliseconds of the machine's own time.</summary>
    private const uint Patience = 60_000;

    private static Table s_table;
    private static int s_count;

    /// <summary>Tops of the stacks by number, for the code below 1 MiB. Number 0 is whoever wakes, and has a stack of its own.</summary>
    public static ulong* Stacks { get; private set; }

    public static int Count => s_count;

    public static Cpu* Boot => At(0);

    public static Cpu* At(int index)
    {
        fixed (ulong* cpus = s_table.Cpus)
            return (Cpu*)cpus[index];
    }

    /// <summary>Makes the structures. The boot processor comes first.</summary>
    public static void Find()
    {
        Stacks = (ulong*)Arena.Take(1);
        uint own = LocalApic.OwnId;
        Add(own);
        ulong most = Options.Number("cpus"u8, Most);
        for (int i = 0; i < Acpi.Tables.ProcessorCount && (ulong)s_count < most; i++)
        {
            if (Acpi.Tables.ApicIdAt(i) != own)
                Add(Acpi.Tables.ApicIdAt(i));
        }

        Stacks[0] = Arena.Take(4) + (4 * 4096);

        // A processor that an INIT overtakes has used up a number, and comes again with another one.
        for (int i = s_count; i < (2 * s_count) - 1; i++)
            Stacks[i] = Arena.Take(1) + 4096;
    }

    /// <summary>Starts all other processors, one after the other.</summary>
    public static void StartAll()
    {
        for (int i = 1; i < s_count; i++)
        {
            Expect(At(i));
            SendStart(At(i)->ApicId);
            Await(At(i));
        }
    }

    /// <summary>Starts all other processors with interrupts that go to everybody else, as firmware does, and with its wait.</summary>
    public static void StartAllAtOnce()
    {
        ExpectAll();
        LocalApic.Send(0, LocalApic.Init | LocalApic.AllButSelf);
        PmTimer.Wait(10);
        SendStartup(0, LocalApic.AllButSelf);
        for (int i = 1; i < s_count; i++)
            Await(At(i));
    }

    /// <summary>Lets a processor do something and waits for it.</summary>
    public static ulong Run(Cpu* cpu, delegate*<Cpu*, ulong, ulong> command, ulong argument)
    {
        if (cpu == Cpu.Current)
            return command(cpu, argument);
        Post(cpu, command, argument);
        AwaitEnd(cpu);
        return cpu->Result;
    }

    /// <summary>Lets a processor do something, meanwhile.</summary>
    public static void Post(Cpu* cpu, delegate*<Cpu*, ulong, ulong> command, ulong argument)
    {
        cpu->Argument = argument;
        Instructions.Mfence();
        cpu->Command = command;
        Instructions.Mfence();
        LocalApic.Send(cpu->ApicId, LocalApic.Fixed | Interrupts.CallVector);
    }

    /// <summary>Waits until a processor has nothing to do.</summary>
    public static void AwaitEnd(Cpu* cpu)
    {
        Deadline deadline = Deadline.After(Patience);
        while (HasCommand(cpu))
        {
            if (!deadline.IsOver())
                continue;
            LogLine line = Report.BeginBad("a processor does not answer"u8);
            line.Number("cpu"u8, cpu->Index);
            line.WriteTo<DebugPort>();
            Program.Stop();
        }
    }

    /// <summary>Puts all other processors to rest, as before a sleep. Only INIT ends that.</summary>
    public static void RestAll()
    {
        for (int i = 1; i < s_count; i++)
        {
            Post(At(i), &Rest, 0);
            Deadline deadline = Deadline.After(Patience);
            while (IsOnline(At(i)) && !deadline.IsOver())
                Instructions.Pause();
            Report.Expect(!IsOnline(At(i)), "a processor does not rest"u8, (ulong)i);
        }
    }

    /// <summary>All are off, whatever they did: the machine has slept.</summary>
    public static void ForgetAll()
    {
        for (int i = 1; i < s_count; i++)
        {
            At(i)->Activity = CpuActivity.Off;
            At(i)->Command = null;
            At(i)->Attempt.Rsp = 0;
        }
    }

    /// <summary>Prepares everything for one processor's start.</summary>
    public static void Expect(Cpu* cpu)
    {
        cpu->Command = null;
        cpu->Attempt.Rsp = 0;
        cpu->Activity = CpuActivity.Starting;
        Trampoline.Expect(cpu->Index, &Enter);
    }

    /// <summary>Prepares everything for the start of all other processors, in any order.</summary>
    public static void ExpectAll()
    {
        for (int i = 1; i < s_count; i++)
        {
            At(i)->Command = null;
            At(i)->Attempt.Rsp = 0;
            At(i)->Activity = CpuActivity.Starting;
        }

        Trampoline.Expect(1, &Enter);
    }

    /// <summary>SDM vol. 3, 9.4.4.1 "Typical BSP Initialization Sequence"; without its long wait, as today's systems do it.</summary>
    private static void SendStart(uint apicId)
    {
        LocalApic.Send(apicId, LocalApic.Init);
        SendStartup(apicId, 0);
    }

    private static void SendStartup(uint apicId, uint shorthand)
    {
        LocalApic.Send(apicId, LocalApic.Startup | shorthand | Trampoline.StartupVector);
        PmTimer.Wait(1);
        LocalApic.Send(apicId, LocalApic.Startup | shorthand | Trampoline.StartupVector);
    }

    /// <summary>Waits until a processor has come, and looks at what it found.</summary>
    public static void Await(Cpu* cpu)
    {
        Deadline deadline = Deadline.After(Patience);
        while (!IsOnline(cpu))
        {
            if (!deadline.IsOver())
                continue;
            LogLine line = Report.BeginBad("a processor does not start"u8);
            line.Number("cpu"u8, cpu->Index);
            line.WriteTo<DebugPort>();
            Program.Stop();
        }

        StateChecks.CheckStarted(cpu);
    }

    private static bool IsOnline(Cpu* cpu) => Volatile.Read(ref *(int*)&cpu->Activity) == (int)CpuActivity.Online;

    private static bool HasCommand(Cpu* cpu) => Volatile.Read(ref *(ulong*)&cpu->Command) != 0;

    private static void Add(uint apicId)
    {
        Cpu* cpu = Cpu.Create((uint)s_count, apicId);
        Stacks[s_count] = cpu->StackTop;
        s_table.Cpus[s_count++] = (ulong)cpu;
    }

    /// <summary>
    /// A processor's first 64-bit code. Its number says only in which order they came, so it finds itself by its APIC ID.
    /// </summary>
    [UnmanagedCallersOnly]
    private static void Enter(uint number, FoundState* found)
    {
        uint own = LocalApic.OwnId;
        for (int i = 1; i < s_count; i++)
        {
            if (At(i)->ApicId == own)
                Work(At(i), found);
        }

        Report.Bad("a processor starts that nobody knows"u8);
        Program.Stop();
    }

    private static void Work(Cpu* cpu, FoundState* found)
    {
        cpu->Found = *found;
        cpu->FoundApic = FoundApic.Take();
        SegmentTables.Load(cpu);
        Features.Enable();
        LocalApic.Enable();
        Volatile.Write(ref *(int*)&cpu->Activity, (int)CpuActivity.Online);
        while (true)
        {
            if (!HasCommand(cpu))
            {
                Stubs.WaitForInterrupt();
                continue;
            }

            cpu->Result = cpu->Command(cpu, cpu->Argument);
            Instructions.Mfence();
            cpu->Command = null;
        }
    }

    private static ulong Rest(Cpu* cpu, ulong ignored)
    {
        LocalApic.Mask();
        Secrets.Plant(cpu, Options.Seed);
        Instructions.Wbinvd();
        Volatile.Write(ref *(int*)&cpu->Activity, (int)CpuActivity.Off);
        Instructions.Cli();
        while (true)
            Instructions.Hlt();
    }

    private struct Table
    {
        public fixed ulong Cpus[Most];
    }
}

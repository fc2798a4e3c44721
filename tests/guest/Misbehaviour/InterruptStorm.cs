using System.Threading;
using Switcher.Boot.Text;
using Switcher.Efi.Cpu;
using Switcher.Tests.Guest.Cpus;
using Switcher.Tests.Guest.Devices;

namespace Switcher.Tests.Guest.Misbehaviour;

/// <summary>Interprocessor interrupts, each of which must arrive exactly once, and more INITs than any processor deserves.</summary>
internal static unsafe class InterruptStorm
{
    private const int Rounds = 25;
    private const int Inits = 60;
    private const uint Patience = 10_000;

    /// <summary>Non-maskable ones to every processor, the sender included, and to all others at once.</summary>
    public static void SendNmis()
    {
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < Processors.Count; i++)
            {
                uint before = Processors.At(i)->Nmis;
                LocalApic.Send(Processors.At(i)->ApicId, LocalApic.Nmi);
                ExpectOneMore(i, &Processors.At(i)->Nmis, before);
            }

            SendToOthers(LocalApic.Nmi);
        }
    }

    /// <summary>Ordinary ones.</summary>
    public static void SendCalls()
    {
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < Processors.Count; i++)
            {
                uint before = Processors.At(i)->Calls;
                LocalApic.Send(Processors.At(i)->ApicId, LocalApic.Fixed | Interrupts.CallVector);
                Instructions.Sti();
                ExpectOneMore(i, &Processors.At(i)->Calls, before);
                Instructions.Cli();
            }
        }
    }

    /// <summary>
    /// INITs to processors that work, wait or have just had one, with start-ups between them that the next INIT overtakes.
    /// </summary>
    public static void SendInits()
    {
        for (int round = 0; round < Inits; round++)
        {
            Processors.ExpectAll();
            for (int i = 1; i < Processors.Count; i++)
            {
                uint apicId = Processors.At(i)->ApicId;
                LocalApic.Send(apicId, LocalApic.Init);
                if (round % 3 == 1)
                    LocalApic.Send(apicId, LocalApic.Startup | Trampoline.StartupVector);
                if (round % 3 == 2)
                    LocalApic.Send(apicId, LocalApic.Init);
            }

            // A start-up that was overtaken in the middle could still write to the page below 1 MiB.
            PmTimer.Wait(1);
        }

        for (int i = 1; i < Processors.Count; i++)
            LocalApic.Send(Processors.At(i)->ApicId, LocalApic.Init);
        PmTimer.Wait(5);
        Processors.ForgetAll();
        Processors.StartAll();
        Machine.Probe();
    }

    private static void SendToOthers(uint command)
    {
        uint* before = stackalloc uint[Processors.Most];
        for (int i = 1; i < Processors.Count; i++)
            before[i] = Processors.At(i)->Nmis;
        uint own = Processors.Boot->Nmis;
        LocalApic.Send(0, command | LocalApic.AllButSelf);
        for (int i = 1; i < Processors.Count; i++)
            ExpectOneMore(i, &Processors.At(i)->Nmis, before[i]);
        Report.ExpectEqual("an interrupt to all others reaches its sender"u8, Processors.Boot->Nmis, own);
    }

    private static void ExpectOneMore(int processor, uint* counter, uint before)
    {
        Deadline deadline = Deadline.After(Patience);
        while (Volatile.Read(ref *counter) == before && !deadline.IsOver())
            Instructions.Pause();

        // Time for a second one, if there is any.
        for (int i = 0; i < 200; i++)
            Instructions.Pause();
        uint came = Volatile.Read(ref *counter) - before;
        if (came == 1)
            return;
        LogLine line = Report.BeginBad("an interprocessor interrupt does not arrive exactly once"u8);
        line.Number("cpu"u8, (ulong)processor);
        line.Number("came"u8, came);
        line.WriteTo<DebugPort>();
    }
}

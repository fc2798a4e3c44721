using System;
using Switcher.Agent;

namespace Switcher.Tests.Guest.Misbehaviour;

/// <summary>Steps that no honest system takes. After each the guest goes on; those that end it are in <see cref="Endings"/>.</summary>
internal static class Hostile
{
    public static bool TryRun(ReadOnlySpan<byte> name, Arguments arguments)
    {
        if (Words.Same(name, "read"u8))
            ForeignMemory.Read(arguments);
        else if (Words.Same(name, "write"u8))
            ForeignMemory.Write(arguments);
        else if (Words.Same(name, "execute"u8))
            ForeignMemory.Execute(arguments);
        else if (Words.Same(name, "virtualization"u8))
            Virtualization.Try();
        else if (Words.Same(name, "cpuid"u8))
            Identity.Check();
        else if (Words.Same(name, "msr"u8))
            ModelSpecific.Try();
        else if (Words.Same(name, "control"u8))
            ControlRegisters.Try(arguments);
        else if (Words.Same(name, "apic-base"u8))
            ApicBase.Try();
        else if (Words.Same(name, "string-io"u8))
            SleepPorts.TryStrings();
        else if (Words.Same(name, "nonsense-sleep"u8))
            SleepPorts.TryNonsense();
        else if (Words.Same(name, "nmi"u8))
            InterruptStorm.SendNmis();
        else if (Words.Same(name, "ipi"u8))
            InterruptStorm.SendCalls();
        else if (Words.Same(name, "init-storm"u8))
            InterruptStorm.SendInits();
        else
            return false;
        return true;
    }
}

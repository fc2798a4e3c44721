using Switcher.Runner.Guests;

namespace Switcher.Runner.Drive;

/// <summary>What is known about a guest during a run.</summary>
public sealed class GuestState(Guest guest)
{
    public Guest Guest => guest;

    public string Name => guest.Name;

    /// <summary>CPUs online, as last seen from inside.</summary>
    public int? CpusOnline { get; set; }

    /// <summary>Bytes of memory that its kernel manages.</summary>
    public long MemoryBytes { get; set; }

    /// <summary>Bytes that hold the agent's pattern.</summary>
    public long FilledBytes { get; set; }

    /// <summary>How many checks found everything as it was.</summary>
    public int IntactChecks { get; set; }

    /// <summary>The round whose pattern and files it carries.</summary>
    public int Round { get; set; }
}

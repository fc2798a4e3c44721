namespace Switcher.Runner.Report;

/// <summary>One switch. Times of guests without an agent are not known.</summary>
/// <param name="From">The guest that suspended.</param>
/// <param name="To">The guest that runs now.</param>
/// <param name="First">Whether it ran for the first time, from where it was parked.</param>
/// <param name="SuspendMs">From the agent's last word to the guest's request for S3, in milliseconds.</param>
/// <param name="HypervisorTicks">Ticks of the time stamp counter from that request to the first instruction of the other guest.</param>
/// <param name="HypervisorUs">The same in microseconds.</param>
/// <param name="ResumeMs">From there to the other agent's first word, in milliseconds.</param>
/// <param name="MemoryIntact">Whether the woken guest found its memory as it was; null at its first run.</param>
/// <param name="FilesIntact">Whether it found its files as they were; null at its first run.</param>
public sealed record SwitchRecord(
    string From, string To, bool First, double? SuspendMs, long HypervisorTicks, double HypervisorUs, double? ResumeMs, bool? MemoryIntact,
    bool? FilesIntact);

using System;

namespace Switcher.Runner.Report;

/// <summary>Where a run tells what happens while it happens.</summary>
public interface ITimeline
{
    /// <summary>Something happened.</summary>
    /// <param name="time">Time since power-on.</param>
    /// <param name="who">The guest, or Switcher.</param>
    /// <param name="what">What it did, in a few words.</param>
    void Tell(TimeSpan time, string who, string what);

    /// <summary>What is going on now and may take a while.</summary>
    void Doing(string what);
}

using System;
using Switcher.Runner.Report;

namespace Switcher.Tests.Scenarios;

/// <summary>Tells nobody: a test has its assertions.</summary>
internal sealed class Quiet : ITimeline
{
    public void Doing(string what)
    {
    }

    public void Tell(TimeSpan time, string who, string what)
    {
    }
}

using System;

namespace Switcher.Ctl.Install;

/// <summary>One thing that an installation changes.</summary>
/// <param name="Text">What, and what it will be then.</param>
/// <param name="Make">Makes it; what fails has changed nothing.</param>
/// <param name="Undo">Takes it back where a later one fails.</param>
public sealed record Change(string Text, Action Make, Action Undo);

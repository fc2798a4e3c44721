using Switcher.Boot.Text;

namespace Switcher.Hv.Vmx;

/// <summary>What the VMX back end says itself.</summary>
/// <typeparam name="TSink">Where to.</typeparam>
public static class VmxLog<TSink>
    where TSink : struct, ILogSink
{
    /// <summary>A feature is missing that has no sentence of its own among the statuses.</summary>
    public static void WriteMissing(MissingFeature feature)
    {
        var line = new LogLine("ERROR this CPU's VMX lacks a feature"u8);
        line.Quoted("feature"u8, feature.Name);
        line.WriteTo<TSink>();
    }
}

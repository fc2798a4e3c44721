using Switcher.Hv.Vmx.Definitions;

namespace Switcher.Hv.Vmx;

/// <summary>The control fields of a VMCS as they are on this CPU.</summary>
public struct VmxControlSet
{
    public PinControls Pin;
    public PrimaryControls Primary;
    public SecondaryControls Secondary;
    public ExitControls Exit;
    public EntryControls Entry;
}

/// <summary>
/// Reconciles what Switcher asks of VMX, the table in <see cref="VmxFeature"/>, with what a CPU offers: SDM vol. 3, A.3 to A.5 and 32.5.1
/// "Algorithms for Determining VMX Capabilities".
/// </summary>
public static class VmxControls
{
    /// <summary>Determines the controls.</summary>
    /// <param name="capabilities">What the CPU offers.</param>
    /// <param name="controls">What to write into the VMCS, if nothing is missing.</param>
    /// <returns>The first feature that is needed and missing, the most important first.</returns>
    public static VmxFeature Reconcile(scoped in VmxCapabilities capabilities, out VmxControlSet controls)
    {
        VmxFeature missing = default;
        uint secondary = Settle(VmxFeatureGroup.Secondary, capabilities.Secondary, ref missing);
        controls = new VmxControlSet
        {
            Secondary = (SecondaryControls)secondary,
            Pin = (PinControls)Settle(VmxFeatureGroup.Pin, capabilities.Pin, ref missing),
            Primary = (PrimaryControls)Settle(VmxFeatureGroup.Primary, capabilities.Primary, ref missing),
            Exit = (ExitControls)Settle(VmxFeatureGroup.Exit, capabilities.Exit, ref missing),
            Entry = (EntryControls)Settle(VmxFeatureGroup.Entry, capabilities.Entry, ref missing),
        };

        // Tags are of no use without the means to drop what is tagged.
        if (!capabilities.Ept.HasInvvpid)
            controls.Secondary &= ~SecondaryControls.EnableVpid;
        Settle(VmxFeatureGroup.Miscellaneous, new ControlCapability(capabilities.Miscellaneous << 32), ref missing);
        Settle(VmxFeatureGroup.Ept, new ControlCapability(capabilities.Ept.Value << 32), ref missing);
        return missing;
    }

    /// <summary>The value of a control field.</summary>
    private static uint Settle(VmxFeatureGroup group, ControlCapability capability, ref VmxFeature missing)
    {
        uint value = capability.MustBeOne;
        for (int i = 0; i < VmxFeature.Count; i++)
        {
            VmxFeature feature = VmxFeature.At(i);
            if (feature.Group != group)
                continue;
            bool isOffered = feature.Use == VmxFeatureUse.Off
                ? (capability.MustBeOne & feature.Bits) == 0
                : (capability.MayBeOne & feature.Bits) != 0;
            bool isNeeded = feature.Use is not (VmxFeatureUse.Optional or VmxFeatureUse.OptionalSwitched);
            if (!isOffered && isNeeded && missing.IsNone)
                missing = feature;
            bool isOn = isOffered && feature.Use is VmxFeatureUse.Needed or VmxFeatureUse.Optional;
            value = isOn ? value | feature.Bits : value & ~feature.Bits;
        }
        return value;
    }
}

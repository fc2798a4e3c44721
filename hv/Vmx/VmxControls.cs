using System.Numerics;

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
/// What Switcher asks of VMX, and the one function that reconciles it with what a CPU offers: SDM vol. 3, A.3 to A.5 and 32.5.1 "Algorithms for Determining
/// VMX Capabilities". What is not listed is 0 where the CPU lets it, which includes exits on interrupts and on CR3.
/// </summary>
public static class VmxControls
{
    private const PinControls RequiredPin = PinControls.NmiExiting | PinControls.VirtualNmis;
    private const PinControls ForbiddenPin = PinControls.ExternalInterruptExiting;

    private const PrimaryControls RequiredPrimary =
        PrimaryControls.UseIoBitmaps | PrimaryControls.UseMsrBitmaps | PrimaryControls.ActivateSecondaryControls;

    private const PrimaryControls ForbiddenPrimary = PrimaryControls.Cr3LoadExiting | PrimaryControls.Cr3StoreExiting;

    /// <summary>Set and cleared while a guest runs.</summary>
    private const PrimaryControls SwitchedPrimary = PrimaryControls.NmiWindowExiting;

    private const SecondaryControls RequiredSecondary = SecondaryControls.EnableEpt | SecondaryControls.UnrestrictedGuest;

    /// <summary>Without these the guest would find #UD at instructions that CPUID offers; and VPID saves translations.</summary>
    private const SecondaryControls OptionalSecondary = SecondaryControls.EnableRdtscp | SecondaryControls.EnableInvpcid
        | SecondaryControls.EnableXsaves | SecondaryControls.EnableUserWaitAndPause | SecondaryControls.EnableVpid;

    private const ExitControls RequiredExit = ExitControls.SaveDebugControls | ExitControls.HostAddressSpaceSize | ExitControls.SavePat
        | ExitControls.LoadPat | ExitControls.SaveEfer | ExitControls.LoadEfer;

    private const EntryControls RequiredEntry = EntryControls.LoadDebugControls | EntryControls.LoadPat | EntryControls.LoadEfer;

    /// <summary>Follows the guest's mode.</summary>
    private const EntryControls SwitchedEntry = EntryControls.Ia32eModeGuest;

    /// <summary>Determines the controls.</summary>
    /// <param name="capabilities">What the CPU offers.</param>
    /// <param name="controls">What to write into the VMCS, if nothing is missing.</param>
    /// <returns>The first thing that is needed and missing, the most important first.</returns>
    public static MissingFeature Reconcile(in VmxCapabilities capabilities, out VmxControlSet controls)
    {
        SecondaryControls optional = OptionalSecondary & (capabilities.Ept.HasInvvpid ? ~SecondaryControls.None : ~SecondaryControls.EnableVpid);
        uint secondary = Settle(capabilities.Secondary, (uint)RequiredSecondary, (uint)optional, 0, out uint missingSecondary);
        uint pin = Settle(capabilities.Pin, (uint)RequiredPin, 0, (uint)ForbiddenPin, out uint missingPin);
        uint primary = Settle(
            capabilities.Primary, (uint)(RequiredPrimary | SwitchedPrimary), 0, (uint)ForbiddenPrimary, out uint missingPrimary);
        uint exit = Settle(capabilities.Exit, (uint)RequiredExit, 0, 0, out uint missingExit);
        uint entry = Settle(capabilities.Entry, (uint)(RequiredEntry | SwitchedEntry), 0, 0, out uint missingEntry);
        controls = new VmxControlSet
        {
            Pin = (PinControls)pin,
            Primary = (PrimaryControls)primary & ~SwitchedPrimary,
            Secondary = (SecondaryControls)secondary,
            Exit = (ExitControls)exit,
            Entry = (EntryControls)entry & ~SwitchedEntry,
        };

        if (missingSecondary != 0)
            return First(VmxFeatureGroup.Secondary, missingSecondary);
        if (missingPin != 0)
            return First(VmxFeatureGroup.Pin, missingPin);
        if (missingPrimary != 0)
            return First(VmxFeatureGroup.Primary, missingPrimary);
        if (missingExit != 0)
            return First(VmxFeatureGroup.Exit, missingExit);
        return missingEntry != 0 ? First(VmxFeatureGroup.Entry, missingEntry) : MissingOther(capabilities);
    }

    private static MissingFeature MissingOther(in VmxCapabilities capabilities)
    {
        if (((capabilities.Miscellaneous >> VmxCapabilities.WaitForSipi) & 1) == 0)
            return new MissingFeature(VmxFeatureGroup.Miscellaneous, VmxCapabilities.WaitForSipi);
        EptCapability ept = capabilities.Ept;
        int missing = !ept.Has(EptCapability.FourLevels) ? EptCapability.FourLevels
            : !ept.Has(EptCapability.WriteBack) ? EptCapability.WriteBack
            : !ept.Has(EptCapability.LargePages) ? EptCapability.LargePages
            : !ept.Has(EptCapability.Invept) ? EptCapability.Invept
            : !ept.Has(EptCapability.InveptAllContexts) ? EptCapability.InveptAllContexts : 0;
        return missing == 0 ? default : new MissingFeature(VmxFeatureGroup.Ept, missing);
    }

    private static uint Settle(ControlCapability capability, uint required, uint optional, uint forbidden, out uint missing)
    {
        missing = (required & ~capability.MayBeOne) | (forbidden & capability.MustBeOne);
        return required | (optional & capability.MayBeOne) | capability.MustBeOne;
    }

    private static MissingFeature First(VmxFeatureGroup group, uint bits) => new(group, BitOperations.TrailingZeroCount(bits));
}

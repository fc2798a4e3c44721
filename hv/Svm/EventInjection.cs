using Switcher.Hv.Vendor;

namespace Switcher.Hv.Svm;

/// <summary>APM vol. 2, 15.20 Event Injection: the format of EVENTINJ and EXITINTINFO.</summary>
public static class EventInjection
{
    private const ulong Valid = 1UL << 31;
    private const ulong HasErrorCode = 1 << 11;
    private const ulong TypeMask = 7 << 8;
    private const ulong Interrupt = 0 << 8;
    private const ulong NonMaskable = 2 << 8;
    private const ulong Exception = 3 << 8;

    public static ulong Of(GuestEvent guestEvent) => (byte)guestEvent | guestEvent switch
    {
        GuestEvent.NonMaskableInterrupt => Valid | NonMaskable,
        GuestEvent.InvalidOpcode => Valid | Exception,
        _ => Valid | Exception | HasErrorCode,
    };

    /// <summary>
    /// What to inject at the next VMRUN so that an event whose delivery was cut off by an exit is not lost. QEMU reports an
    /// interrupt as an exception with a vector that no exception has.
    /// </summary>
    public static ulong Again(ulong exitIntInfo)
    {
        if ((exitIntInfo & Valid) == 0)
            return 0;
        if ((exitIntInfo & TypeMask) == Exception && (exitIntInfo & 0xFF) >= 32)
            return (exitIntInfo & ~(TypeMask | HasErrorCode)) | Interrupt;
        return exitIntInfo;
    }
}

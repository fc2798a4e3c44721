using Switcher.Efi.Uefi;

namespace Switcher.Efi.Services;

/// <summary>The clock and the counter: UEFI 2.10, 8.3 "Time Services" and 8.5.2 "Get Next High Monotonic Count".</summary>
internal static unsafe class TimeCalls
{
    /// <summary>UEFI 2.10, 8.3.1: time, capabilities or null.</summary>
    public static EfiStatus GetTime(ServiceState* state, RuntimeServices* services)
    {
        if (ServiceState.IsNull(state, 0))
            return EfiStatus.InvalidParameter;
        bool wantsCapabilities = !ServiceState.IsNull(state, 1);
        EfiStatus status = services->GetTime(
            ServiceState.Slot<Time>(state, 0), wantsCapabilities ? ServiceState.Slot<TimeCapabilities>(state, 1) : null);
        if (status.IsError)
            return status;
        ServiceState.Return(state, 0);
        if (wantsCapabilities)
            ServiceState.Return(state, 1);
        return status;
    }

    /// <summary>UEFI 2.10, 8.3.2: time.</summary>
    public static EfiStatus SetTime(ServiceState* state, RuntimeServices* services) =>
        ServiceState.IsNull(state, 0) ? EfiStatus.InvalidParameter : services->SetTime(ServiceState.Slot<Time>(state, 0));

    /// <summary>UEFI 2.10, 8.3.3: whether it is enabled, whether it is pending, time.</summary>
    public static EfiStatus GetWakeupTime(ServiceState* state, RuntimeServices* services)
    {
        if (ServiceState.IsNull(state, 0) || ServiceState.IsNull(state, 1) || ServiceState.IsNull(state, 2))
            return EfiStatus.InvalidParameter;
        EfiStatus status = services->GetWakeupTime(
            ServiceState.Slot<byte>(state, 0), ServiceState.Slot<byte>(state, 1), ServiceState.Slot<Time>(state, 2));
        for (int i = 0; i < 3 && !status.IsError; i++)
            ServiceState.Return(state, i);
        return status;
    }

    /// <summary>UEFI 2.10, 8.3.4: whether to enable it, time or null where it is disabled.</summary>
    public static EfiStatus SetWakeupTime(ServiceState* state, RuntimeServices* services)
    {
        // A BOOLEAN is a byte; the rest of its register is whatever the caller had there.
        bool isEnabled = (byte)ServiceState.Argument(state, 0) != 0;
        bool hasTime = !ServiceState.IsNull(state, 1);
        if (isEnabled && !hasTime)
            return EfiStatus.InvalidParameter;
        return services->SetWakeupTime(isEnabled ? (byte)1 : (byte)0, hasTime ? ServiceState.Slot<Time>(state, 1) : null);
    }

    /// <summary>UEFI 2.10, 8.5.2: the counter.</summary>
    public static EfiStatus GetNextHighMonotonicCount(ServiceState* state, RuntimeServices* services)
    {
        if (ServiceState.IsNull(state, 0))
            return EfiStatus.InvalidParameter;
        EfiStatus status = services->GetNextHighMonotonicCount(ServiceState.Slot<uint>(state, 0));
        if (!status.IsError)
            ServiceState.Return(state, 0);
        return status;
    }
}

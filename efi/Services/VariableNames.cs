using System;
using Switcher.Efi.Uefi;
using Switcher.Stubs.Shared;

namespace Switcher.Efi.Services;

/// <summary>
/// The names of the variables that a guest in the run phase sees: UEFI 2.10, 8.2.2 "GetNextVariableName()". The firmware's list has all of
/// them; those without EFI_VARIABLE_RUNTIME_ACCESS are passed over, as are names that no mailbox could take.
/// </summary>
internal static unsafe class VariableNames
{
    /// <summary>Far more than a flash memory holds: firmware whose list goes in circles does not hold the guest up.</summary>
    private const int MostVariables = 1 << 16;

    /// <summary>Size, name, vendor.</summary>
    public static EfiStatus GetNext(ServiceState* state, RuntimeServices* services)
    {
        if (ServiceState.IsNull(state, 0) || ServiceState.IsNull(state, 1) || ServiceState.IsNull(state, 2))
            return EfiStatus.InvalidParameter;
        ulong* size = ServiceState.Slot<ulong>(state, 0);
        Guid* vendor = ServiceState.Slot<Guid>(state, 2);

        // The name must end within its size, and be empty or that of a variable.
        if (state->NameBytes == 0 || (ulong)state->NameBytes > *size)
            return EfiStatus.InvalidParameter;
        if (state->NameBytes > sizeof(char) && !IsVisible(state, services, vendor))
            return EfiStatus.InvalidParameter;

        int length = 0;
        for (int i = 0; i < MostVariables && length == 0; i++)
        {
            nuint room = ServiceState.NameRoom;
            EfiStatus status = services->GetNextVariableName(&room, state->Name, vendor);
            if (status.IsError)
                return status == EfiStatus.NotFound ? status : EfiStatus.DeviceError;
            if (IsVisible(state, services, vendor))
                length = ServiceState.LengthOf(state->Name, ServiceMailbox.NameCapacity);
        }

        if (length == 0)
            return EfiStatus.DeviceError;
        bool fits = (ulong)length <= *size;
        *size = (ulong)length;
        ServiceState.Return(state, 0);
        if (!fits)
            return EfiStatus.BufferTooSmall;
        ServiceState.Return(state, 2);
        state->Call.NameBytes = (ulong)length;
        state->Call.Results |= ServiceMailbox.NameResult;
        return EfiStatus.Success;
    }

    private static bool IsVisible(ServiceState* state, RuntimeServices* services, Guid* vendor)
    {
        EfiStatus status = VariableCalls.Read(services, state->Name, vendor, state->Value, out VariableAttributes attributes, out _);
        return !status.IsError && (attributes & VariableAttributes.RuntimeAccess) != 0;
    }
}

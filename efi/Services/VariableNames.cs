using System;
using Switcher.Efi.Firmware;
using Switcher.Efi.Guests;
using Switcher.Efi.Uefi;
using Switcher.Stubs.Shared;

namespace Switcher.Efi.Services;

/// <summary>
/// The names of the variables that a guest in the run phase sees: UEFI 2.10, 8.2.2 "GetNextVariableName()". The firmware's list has all of
/// them; those without EFI_VARIABLE_RUNTIME_ACCESS are passed over, as are names that no mailbox could take. Before them come the names
/// that Switcher answers and those that the guest's loader wrote, and only there.
/// </summary>
internal static unsafe class VariableNames
{
    /// <summary>Far more than a flash memory holds: firmware whose list goes in circles does not hold the guest up.</summary>
    public const int MostVariables = 1 << 16;

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
        bool isFirst = state->NameBytes == sizeof(char);
        OwnVariable own = OwnName.Of(state->Name, vendor) is { IsAnswered: true } name ? name.Variable : OwnVariable.None;
        bool isOwn = own != OwnVariable.None;
        if (!isFirst && !(isOwn ? OwnVariables.Exists(state, own) : IsVisible(state, services, vendor)))
            return EfiStatus.InvalidParameter;

        VariableList* loaders = &state->Caller->LoaderVariables;
        ListedVariable* listed = isFirst || isOwn ? null : loaders->Find(state->Name, vendor);
        bool isBefore = isFirst || isOwn || listed != null;
        int length = isFirst || isOwn ? PutName(state, OwnVariables.After(state, own), vendor) : 0;
        if (isBefore && length == 0)
            length = PutName(state, loaders->After(listed), vendor);

        // Behind the last of these the firmware's list begins.
        if (isBefore && length == 0)
            state->Name[0] = '\0';
        for (int i = 0; i < MostVariables && length == 0; i++)
        {
            nuint room = ServiceState.NameRoom;
            EfiStatus status = services->GetNextVariableName(&room, state->Name, vendor);
            if (status.IsError)
                return status == EfiStatus.NotFound ? status : EfiStatus.DeviceError;
            bool isElsewhere = OwnName.Of(state->Name, vendor).IsAnswered || loaders->Find(state->Name, vendor) != null;
            if (!isElsewhere && IsVisible(state, services, vendor))
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

    /// <returns>Bytes of the name with its end, or 0 if there is none to put there.</returns>
    private static int PutName(ServiceState* state, OwnVariable variable, Guid* vendor)
    {
        if (variable == OwnVariable.None)
            return 0;
        ReadOnlySpan<byte> text = OwnName.TextOf(variable);
        for (int i = 0; i < text.Length; i++)
            state->Name[i] = (char)text[i];
        state->Name[text.Length] = '\0';
        *vendor = Variables.SwitcherVendor;
        return (text.Length + 1) * sizeof(char);
    }

    private static int PutName(ServiceState* state, ListedVariable* variable, Guid* vendor)
    {
        if (variable == null || variable->NameBytes > ServiceMailbox.NameCapacity)
            return 0;
        ListedVariable.NameOf(variable).CopyTo(new Span<char>(state->Name, variable->NameBytes / sizeof(char)));
        *vendor = variable->Vendor;
        return variable->NameBytes;
    }

    private static bool IsVisible(ServiceState* state, RuntimeServices* services, Guid* vendor)
    {
        EfiStatus status = VariableCalls.ReadFor(state, services, vendor, state->Value, out VariableAttributes attributes, out _);
        return !status.IsError && (attributes & VariableAttributes.RuntimeAccess) != 0;
    }
}

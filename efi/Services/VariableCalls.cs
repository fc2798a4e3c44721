using System;
using Switcher.Efi.Guests;
using Switcher.Efi.Uefi;
using Switcher.Stubs.Shared;

namespace Switcher.Efi.Services;

/// <summary>
/// The variables as a guest in the run phase sees them: UEFI 2.10, 8.2 "Variable Services". The firmware is in its boot phase and would
/// show and change all of them, so what holds after ExitBootServices is checked here, by the rules and in the order of EDK II's variable
/// driver.
/// </summary>
internal static unsafe class VariableCalls
{
    private const VariableAttributes Access = VariableAttributes.BootServiceAccess | VariableAttributes.RuntimeAccess;

    /// <summary>What UEFI 2.10 defines.</summary>
    private const VariableAttributes Known =
        Access | VariableAttributes.NonVolatile | VariableAttributes.HardwareErrorRecord | VariableAttributes.AuthenticatedWriteAccess
        | VariableAttributes.TimeBasedAuthenticatedWriteAccess | VariableAttributes.AppendWrite
        | VariableAttributes.EnhancedAuthenticatedAccess;

    /// <summary>
    /// UEFI 2.10, 8.2.1: name, vendor, attributes or null, size, data. A variable that is larger than a mailbox tells its size like others,
    /// but to get it is EFI_DEVICE_ERROR (8.2.1: it could not be retrieved).
    /// </summary>
    public static EfiStatus GetVariable(ServiceState* state, RuntimeServices* services)
    {
        if (ServiceState.IsNull(state, 0) || ServiceState.IsNull(state, 1) || ServiceState.IsNull(state, 3))
            return EfiStatus.InvalidParameter;

        // No name, or one that is longer than this side knows any.
        if (state->NameBytes <= sizeof(char))
            return EfiStatus.NotFound;
        Guid* vendor = ServiceState.Slot<Guid>(state, 1);
        OwnName own = OwnName.Of(state->Name, vendor);
        EfiStatus status = own.IsAnswered
            ? OwnVariables.Read(state, own.Variable, out VariableAttributes attributes, out ulong size)
            : ReadFor(state, services, vendor, state->Data, out attributes, out size);
        state->Held = OwnVariable.None;
        if (status.IsError)
            return status;
        if (!attributes.HasAll(VariableAttributes.RuntimeAccess))
            return EfiStatus.NotFound;

        ulong* callers = ServiceState.Slot<ulong>(state, 3);
        bool fits = *callers >= size;
        if (fits && ServiceState.IsNull(state, 4))
            return EfiStatus.InvalidParameter;
        if (fits && size > ServiceMailbox.DataCapacity)
            return EfiStatus.DeviceError;
        *callers = size;
        ServiceState.Return(state, 3);
        if (!ServiceState.IsNull(state, 2))
        {
            *ServiceState.Slot<VariableAttributes>(state, 2) = attributes;
            ServiceState.Return(state, 2);
        }

        if (!fits)
        {
            state->Held = own.IsAnswered ? own.Variable : OwnVariable.None;
            state->HeldBytes = (int)size;
            return EfiStatus.BufferTooSmall;
        }

        state->Call.DataBytes = size;
        state->Call.Results |= ServiceMailbox.DataResult;
        return EfiStatus.Success;
    }

    /// <summary>
    /// UEFI 2.10, 8.2.3: name, vendor, attributes, size, data. After ExitBootServices "only variables that have EFI_VARIABLE_RUNTIME_ACCESS
    /// and EFI_VARIABLE_NON_VOLATILE set can be set with SetVariable()". The firmware is asked only for what passes.
    /// </summary>
    public static EfiStatus SetVariable(ServiceState* state, RuntimeServices* services)
    {
        // Attributes are 32 bits; the rest of the register is whatever the caller had there.
        var attributes = (VariableAttributes)(uint)ServiceState.Argument(state, 2);
        ulong size = ServiceState.Argument(state, 3);
        if (ServiceState.IsNull(state, 0) || ServiceState.IsNull(state, 1) || (size != 0 && ServiceState.IsNull(state, 4)))
            return EfiStatus.InvalidParameter;

        // No name, or a longer one than any variable's here.
        if (state->NameBytes <= sizeof(char))
            return EfiStatus.InvalidParameter;
        EfiStatus status = CheckRequest(attributes);
        if (status.IsError)
            return status;
        if (size > ServiceMailbox.DataCapacity)
            return EfiStatus.OutOfResources;
        if (size > (ulong)state->DataBytes)
            return EfiStatus.InvalidParameter;

        Guid* vendor = ServiceState.Slot<Guid>(state, 1);
        OwnName own = OwnName.Of(state->Name, vendor);
        bool isDeletion = size == 0 || (attributes & Access) == 0;
        if (own.Variable != OwnVariable.None)
            status = OwnVariables.CheckWrite(state, own, attributes, isDeletion);
        if (status.IsError)
            return status;
        if (own.IsAnswered)
            return OwnVariables.SetNext(state, isDeletion);
        status = ReadFor(state, services, vendor, state->Value, out VariableAttributes present, out _);
        if (status == EfiStatus.NotFound)
            status = CheckNew(attributes, size);
        else if (!status.IsError)
            status = CheckPresent(attributes, present);
        if (!status.IsError)
            status = services->SetVariable(state->Name, vendor, attributes, (nuint)size, state->Data);
        if (!status.IsError && own.Variable != OwnVariable.None)
            OwnVariables.Apply(state, own, isDeletion);
        return status;
    }

    /// <summary>UEFI 2.10, 8.2.4: attributes, maximum storage, remaining storage, maximum variable.</summary>
    public static EfiStatus QueryVariableInfo(ServiceState* state, RuntimeServices* services)
    {
        var attributes = (VariableAttributes)(uint)ServiceState.Argument(state, 0);
        if (ServiceState.IsNull(state, 1) || ServiceState.IsNull(state, 2) || ServiceState.IsNull(state, 3))
            return EfiStatus.InvalidParameter;
        EfiStatus status = CheckQuery(attributes);
        if (status.IsError)
            return status;

        // The last of the table's services came with UEFI 2.0.
        if (services->Hdr.HeaderSize < sizeof(RuntimeServices) || services->QueryVariableInfo == null)
            return EfiStatus.Unsupported;
        status = services->QueryVariableInfo(
            attributes, ServiceState.Slot<ulong>(state, 1), ServiceState.Slot<ulong>(state, 2), ServiceState.Slot<ulong>(state, 3));
        for (int i = 1; i <= 3 && !status.IsError; i++)
            ServiceState.Return(state, i);
        return status;
    }

    /// <summary>Reads the variable of the name in a call as its caller sees it: what its loader wrote comes first.</summary>
    /// <inheritdoc cref="Read"/>
    public static EfiStatus ReadFor(
        ServiceState* state, RuntimeServices* services, Guid* vendor, byte* buffer, out VariableAttributes attributes, out ulong size)
    {
        ListedVariable* listed = state->Caller->LoaderVariables.Find(state->Name, vendor);
        if (listed == null)
            return Read(services, state->Name, vendor, buffer, out attributes, out size);
        attributes = listed->Attributes;
        size = (ulong)listed->DataBytes;
        ListedVariable.DataOf(listed).CopyTo(new Span<byte>(buffer, listed->DataBytes));
        return EfiStatus.Success;
    }

    /// <summary>Reads a variable into a buffer of a mailbox's capacity.</summary>
    /// <param name="buffer">Holds the value afterwards, if that is not larger.</param>
    /// <param name="attributes">
    /// None for a larger variable, if the firmware is from before UEFI 2.8 and tells them only with the value: it counts as one for the
    /// boot phase.
    /// </param>
    /// <param name="size">Bytes of the value.</param>
    /// <returns>Success also for a variable that is larger.</returns>
    public static EfiStatus Read(
        RuntimeServices* services, char* name, Guid* vendor, byte* buffer, out VariableAttributes attributes, out ulong size)
    {
        VariableAttributes found = 0;
        nuint length = ServiceMailbox.DataCapacity;
        EfiStatus status = services->GetVariable(name, vendor, &found, &length, buffer);
        attributes = found;
        size = length;
        if (status != EfiStatus.BufferTooSmall)
            return status;
        return length > ServiceMailbox.DataCapacity ? EfiStatus.Success : EfiStatus.DeviceError;
    }

    private static bool HasAll(this VariableAttributes attributes, VariableAttributes wanted) => (attributes & wanted) == wanted;

    /// <summary>What can be said of SetVariable's attributes without the variable.</summary>
    private static EfiStatus CheckRequest(VariableAttributes attributes)
    {
        const VariableAttributes Deprecated = VariableAttributes.AuthenticatedWriteAccess;
        if ((attributes & ~Known) != 0)
            return EfiStatus.InvalidParameter;
        if ((attributes & Deprecated) != 0)
            return EfiStatus.Unsupported;
        bool isHidden = (attributes & Access) == VariableAttributes.RuntimeAccess;
        return isHidden || attributes == VariableAttributes.NonVolatile ? EfiStatus.InvalidParameter : EfiStatus.Success;
    }

    private static EfiStatus CheckNew(VariableAttributes attributes, ulong size)
    {
        bool isDeletion = size == 0 && (attributes & VariableAttributes.AppendWrite) == 0;
        if (isDeletion || (attributes & Access) == 0)
            return EfiStatus.NotFound;
        return attributes.HasAll(VariableAttributes.RuntimeAccess | VariableAttributes.NonVolatile)
            ? EfiStatus.Success
            : EfiStatus.InvalidParameter;
    }

    private static EfiStatus CheckPresent(VariableAttributes attributes, VariableAttributes present)
    {
        if (!present.HasAll(VariableAttributes.RuntimeAccess))
            return EfiStatus.WriteProtected;

        // No attributes delete; others must be the variable's own.
        if (attributes != 0 && (attributes & ~VariableAttributes.AppendWrite) != present)
            return EfiStatus.InvalidParameter;
        return present.HasAll(VariableAttributes.NonVolatile) ? EfiStatus.Success : EfiStatus.WriteProtected;
    }

    private static EfiStatus CheckQuery(VariableAttributes attributes)
    {
        const VariableAttributes Record = VariableAttributes.HardwareErrorRecord;
        if (attributes == 0)
            return EfiStatus.InvalidParameter;
        if ((attributes & VariableAttributes.AuthenticatedWriteAccess) != 0 || (attributes & Known) == 0)
            return EfiStatus.Unsupported;
        if (!attributes.HasAll(Access))
            return EfiStatus.InvalidParameter;
        return (attributes & (Record | VariableAttributes.NonVolatile)) == Record ? EfiStatus.InvalidParameter : EfiStatus.Success;
    }
}

using System;
using Switcher.Boot.Text;
using Switcher.Efi.Firmware;
using Switcher.Efi.Guests;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Services;

/// <summary>
/// What loaders leave in variables that do not outlast the boot, such as <c>BootCurrent</c> and what the Boot Loader Interface tells a
/// system of its loader. On a machine of its own each system finds what its own loader wrote: so a guest gets that as its own, and the
/// firmware is as it was before.
/// </summary>
internal static unsafe class LoaderVariables
{
    /// <summary>Remembers what there is before the first loader runs.</summary>
    public static void Remember(ServiceState* state, RuntimeServices* services)
    {
        var vendor = Guid.Empty;
        for (bool isOne = TryFirst(state, services, &vendor); isOne; isOne = TryNext(state, services, &vendor))
            Add(state, services, &state->BeforeLoaders, &vendor);
    }

    /// <summary>Takes what a loader has written out of the firmware.</summary>
    /// <param name="taken">Gets it, in place of what it had.</param>
    public static void Take(ServiceState* state, RuntimeServices* services, VariableList* taken)
    {
        taken->Clear();
        var vendor = Guid.Empty;
        for (bool isOne = TryFirst(state, services, &vendor); isOne; isOne = TryNext(state, services, &vendor))
        {
            ListedVariable* before = state->BeforeLoaders.Find(state->Name, &vendor);
            if (before == null || !IsUnchanged(state, services, before))
                Add(state, services, taken, &vendor);
        }

        // The firmware's list may not change while it is walked along.
        for (ListedVariable* variable = taken->After(null); variable != null; variable = taken->After(variable))
        {
            fixed (char* name = ListedVariable.NameOf(variable))
            {
                if (state->BeforeLoaders.Find(name, &variable->Vendor) == null)
                    services->SetVariable(name, &variable->Vendor, variable->Attributes, 0, null);
            }
        }

        for (ListedVariable* before = state->BeforeLoaders.After(null); before != null; before = state->BeforeLoaders.After(before))
        {
            if (IsUnchanged(state, services, before))
                continue;
            fixed (char* name = ListedVariable.NameOf(before))
            fixed (byte* data = ListedVariable.DataOf(before))
                services->SetVariable(name, &before->Vendor, before->Attributes, (nuint)before->DataBytes, data);
        }
    }

    private static bool TryFirst(ServiceState* state, RuntimeServices* services, Guid* vendor)
    {
        state->Name[0] = '\0';
        return TryNext(state, services, vendor);
    }

    /// <summary>Goes on in the firmware's list to a volatile variable that a system sees.</summary>
    private static bool TryNext(ServiceState* state, RuntimeServices* services, Guid* vendor)
    {
        for (int i = 0; i < VariableNames.MostVariables; i++)
        {
            nuint room = ServiceState.NameRoom;
            if (services->GetNextVariableName(&room, state->Name, vendor).IsError)
                return false;
            EfiStatus status = VariableCalls.Read(
                services, state->Name, vendor, state->Value, out VariableAttributes attributes, out ulong size);
            bool isVolatile = (attributes & (VariableAttributes.RuntimeAccess | VariableAttributes.NonVolatile))
                == VariableAttributes.RuntimeAccess;
            if (!status.IsError && isVolatile && size <= VariableList.Capacity)
                return true;
        }

        return false;
    }

    private static void Add(ServiceState* state, RuntimeServices* services, VariableList* list, Guid* vendor)
    {
        VariableCalls.Read(services, state->Name, vendor, state->Value, out VariableAttributes attributes, out ulong size);
        int length = ServiceState.LengthOf(state->Name, ServiceState.NameRoom);
        var name = new ReadOnlySpan<char>(state->Name, length / sizeof(char));
        if (length == 0 || !list->TryAdd(name, *vendor, attributes, new ReadOnlySpan<byte>(state->Value, (int)size)))
            Log.Line("WARN a loader wrote more variables than are kept for its system"u8);
    }

    private static bool IsUnchanged(ServiceState* state, RuntimeServices* services, ListedVariable* before)
    {
        fixed (char* name = ListedVariable.NameOf(before))
        {
            EfiStatus status = VariableCalls.Read(
                services, name, &before->Vendor, state->Value, out VariableAttributes attributes, out ulong size);
            return !status.IsError && attributes == before->Attributes
                && size == (ulong)before->DataBytes
                && new ReadOnlySpan<byte>(state->Value, before->DataBytes).SequenceEqual(ListedVariable.DataOf(before));
        }
    }
}

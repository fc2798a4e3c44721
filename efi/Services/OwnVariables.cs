using System;
using System.Buffers.Binary;
using Switcher.Boot.Config;
using Switcher.Boot.Plan;
using Switcher.Efi.Firmware;
using Switcher.Efi.Guests;
using Switcher.Efi.Host;
using Switcher.Efi.Uefi;
using Switcher.Hv.Exits;
using Switcher.Hv.State;
using Switcher.Stubs.Shared;

namespace Switcher.Efi.Services;

/// <summary>
/// Switcher's own variables in the run phase: those that it answers itself, and what happens when one that the firmware stores is written.
/// Nobody but guests comes here; while boot services last, the firmware's store is all there is.
/// </summary>
internal static unsafe class OwnVariables
{
    private const VariableAttributes Volatile = VariableAttributes.BootServiceAccess | VariableAttributes.RuntimeAccess;
    private const VariableAttributes Lasting = Volatile | VariableAttributes.NonVolatile;

    /// <summary>Reads one that Switcher answers, as <see cref="VariableCalls.Read"/> reads those of the firmware.</summary>
    /// <param name="state">Its data become the value.</param>
    /// <param name="variable">Which.</param>
    /// <param name="attributes">What it has.</param>
    /// <param name="size">Bytes of the value.</param>
    public static EfiStatus Read(ServiceState* state, OwnVariable variable, out VariableAttributes attributes, out ulong size)
    {
        attributes = Volatile;
        size = 0;

        // Who asks for the size first gets the value that had it.
        if (state->Held == variable)
        {
            size = (ulong)state->HeldBytes;
            return EfiStatus.Success;
        }

        var data = new Span<byte>(state->Data, ServiceMailbox.DataCapacity);
        switch (variable)
        {
            case OwnVariable.Status:
                size = (ulong)StatusVariable.Write(state, data);
                break;
            case OwnVariable.Log:
                size = (ulong)CopyLog(state, data);
                break;
            default:
                if (!TryGetNext(state, out GuestBoot* next))
                    return EfiStatus.NotFound;
                BinaryPrimitives.WriteUInt16LittleEndian(data, next->BootOption);
                size = sizeof(ushort);
                break;
        }

        return EfiStatus.Success;
    }

    /// <summary>Whether one that Switcher answers is there.</summary>
    public static bool Exists(ServiceState* state, OwnVariable variable) => variable != OwnVariable.Next || TryGetNext(state, out _);

    /// <summary>The one behind another in the list of names, or the first.</summary>
    /// <returns>None at the end.</returns>
    public static OwnVariable After(ServiceState* state, OwnVariable variable) => variable switch
    {
        OwnVariable.None => OwnVariable.Status,
        OwnVariable.Status => OwnVariable.Log,
        OwnVariable.Log when Exists(state, OwnVariable.Next) => OwnVariable.Next,
        _ => OwnVariable.None,
    };

    /// <summary>
    /// Whether one may be written so. A value that means something else than it says to its writer is not stored: the rules are those of
    /// the boot, and what it would only warn of is refused.
    /// </summary>
    public static EfiStatus CheckWrite(ServiceState* state, OwnName name, VariableAttributes attributes, bool isDeletion)
    {
        if (name.Variable is OwnVariable.Status or OwnVariable.Log)
            return EfiStatus.WriteProtected;
        bool isPlain = attributes == Lasting || (attributes == Volatile && name.Variable == OwnVariable.Next);
        if (!isPlain && !(isDeletion && (attributes & ~Lasting) == 0))
            return EfiStatus.InvalidParameter;
        return isDeletion || IsGood(state, name.Variable, Value(state)) ? EfiStatus.Success : EfiStatus.InvalidParameter;
    }

    /// <summary>Writes the one that Switcher keeps itself: who is next.</summary>
    public static EfiStatus SetNext(ServiceState* state, bool isDeletion)
    {
        if (isDeletion && !TryGetNext(state, out _))
            return EfiStatus.NotFound;
        ulong guest = isDeletion ? Hypercall.NoGuest : (ulong)Find(state, Number(Value(state)))->Index;
        Backends.Call(state->Backend, Hypercall.SetNext, guest, 0);
        return EfiStatus.Success;
    }

    /// <summary>What was stored takes effect, as far as it can at once.</summary>
    public static void Apply(ServiceState* state, OwnName name, bool isDeletion)
    {
        ReadOnlySpan<byte> value = isDeletion ? default : Value(state);
        if (name.Variable == OwnVariable.Sleep)
        {
            SleepPolicy policy = SleepPolicies.TryParseAll(value, out SleepPolicy written) ? written : SleepPolicy.Switch;
            Backends.Call(state->Backend, Hypercall.SetSleep, Hypercall.NoGuest, (ulong)policy);
        }
        else if (name.Variable == OwnVariable.Guest && Find(state, name.Number) is var guest && guest != null)
        {
            SleepPolicy policy = GuestOptions.Parse(value, default, out _).Sleep;
            guest->HasNewOptions = true;
            Backends.Call(state->Backend, Hypercall.SetSleep, (ulong)guest->Index, (ulong)policy);
        }
    }

    private static bool IsGood(ServiceState* state, OwnVariable variable, ReadOnlySpan<byte> value)
    {
        int problems = 0;
        switch (variable)
        {
            case OwnVariable.Next:
                return value.Length == sizeof(ushort) && Find(state, Number(value)) is var guest && guest != null && guest != state->Caller;
            case OwnVariable.Sleep:
                return SleepPolicies.TryParseAll(value, out _);
            case OwnVariable.Timeout:
                return value.Length == sizeof(ushort);
            case OwnVariable.Guests:
                Span<ushort> numbers = stackalloc ushort[MemoryPlanner.MaximumGuests];
                GuestList.Parse(value, numbers, default, out problems);
                return problems == 0;
            default:
                GuestOptions.Parse(value, default, out problems);
                return problems == 0;
        }
    }

    private static bool TryGetNext(ServiceState* state, out GuestBoot* guest)
    {
        Backends.Call(state->Backend, Hypercall.Report, 0, 0);
        int next = state->Report->Next;
        guest = next == Domain.Nobody ? null : state->Guests->At(next);
        return guest != null;
    }

    /// <summary>First what the boot side said, then what the hypervisor said, as many of its latest lines as there is room for.</summary>
    private static int CopyLog(ServiceState* state, Span<byte> destination)
    {
        int length = Log.CopyTo(destination);
        int rest = (int)Backends.Call(state->Backend, Hypercall.CopyLog, (ulong)(destination.Length - length), 0);

        // SAFETY: the hypervisor writes there what it was asked for, and no more.
        new ReadOnlySpan<byte>((byte*)state->Report + HypervisorReport.LogOffset, rest).CopyTo(destination.Slice(length));
        return length + rest;
    }

    private static GuestBoot* Find(ServiceState* state, ushort option)
    {
        for (int i = 0; i < state->Guests->Count; i++)
        {
            if (state->Guests->At(i)->BootOption == option)
                return state->Guests->At(i);
        }

        return null;
    }

    private static ReadOnlySpan<byte> Value(ServiceState* state) =>
        new(state->Data, (int)ServiceState.Argument(state, 3));

    private static ushort Number(ReadOnlySpan<byte> value) => BinaryPrimitives.ReadUInt16LittleEndian(value);
}

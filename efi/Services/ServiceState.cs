using System;
using Switcher.Efi.Firmware;
using Switcher.Efi.Guests;
using Switcher.Efi.Host;
using Switcher.Efi.Uefi;
using Switcher.Hv.State;
using Switcher.Stubs.Shared;

namespace Switcher.Efi.Services;

/// <summary>
/// The firmware side's own copy of a call, which the guest cannot change any more, and the buffers that the firmware's services work with.
/// One for all guests: there is one call at a time.
/// </summary>
internal unsafe struct ServiceState
{
    /// <summary>Bytes of <see cref="Name"/>: far longer names than a mailbox takes are only passed over.</summary>
    public const int NameRoom = 64 * 1024;

    /// <summary>The fixed part of the mailbox: first the guest's request, then the answer in the same fields.</summary>
    public ServiceMailbox Call;

    /// <summary>The caller's name with its end, then the one that goes back.</summary>
    public char* Name;

    /// <summary>
    /// Bytes of the caller's name up to its end and with it: 0 if there is none or it is longer than a mailbox takes.
    /// </summary>
    public int NameBytes;

    /// <summary>The caller's data, then those that go back: <see cref="ServiceMailbox.DataCapacity"/> bytes.</summary>
    public byte* Data;

    /// <summary>Bytes of the caller's data.</summary>
    public int DataBytes;

    /// <summary>As large: the value of a variable of which only attributes are asked.</summary>
    public byte* Value;

    /// <summary>The guests and their memory, for what Switcher answers itself.</summary>
    public GuestTable* Guests;
    public PlannedMemory* Memory;

    /// <summary>Whose hypercalls lead to the hypervisor, and where it writes what it is asked to tell.</summary>
    public Backend Backend;
    public HypervisorReport* Report;

    /// <summary>What there was of variables that do not outlast the boot before the first loader ran.</summary>
    public VariableList BeforeLoaders;

    /// <summary>Who calls.</summary>
    public GuestBoot* Caller;

    /// <summary>
    /// A value of Switcher's own that is in <see cref="Data"/>, and its bytes: the last call asked for its size, which is not to be another
    /// one when the value is asked for.
    /// </summary>
    public OwnVariable Held;
    public int HeldBytes;

    /// <summary>Gets the buffers, once for all guests.</summary>
    public bool Create(UefiFirmware* firmware, GuestTable* guests, PlannedMemory* memory, Backend backend)
    {
        Guests = guests;
        Memory = memory;
        Backend = backend;
        Report = (HypervisorReport*)firmware->Allocate(HypervisorReport.Length);
        Name = (char*)firmware->Allocate(NameRoom);
        Data = (byte*)firmware->Allocate(ServiceMailbox.DataCapacity);
        Value = (byte*)firmware->Allocate(ServiceMailbox.DataCapacity);
        bool hasLists = BeforeLoaders.Create(firmware);
        for (int i = 0; i < guests->Count; i++)
            hasLists &= guests->At(i)->LoaderVariables.Create(firmware);
        return hasLists && Report != null && Name != null && Data != null && Value != null;
    }

    /// <summary>Copies a request out of a mailbox, which is not read again.</summary>
    /// <returns>False if it contradicts itself, which the shim's requests do not.</returns>
    public static bool TryTake(ServiceState* state, ServiceMailbox* mailbox)
    {
        // SAFETY: the mailbox is whole in the guest's memory; the lengths are checked in the copy, and the copy is what is used.
        new ReadOnlySpan<byte>(mailbox, sizeof(ServiceMailbox)).CopyTo(new Span<byte>(&state->Call, sizeof(ServiceMailbox)));
        ServiceMailbox* call = &state->Call;
        ulong nameBytes = call->NameBytes;
        ulong dataBytes = call->DataBytes;
        call->Results = 0;
        call->NameBytes = 0;
        call->DataBytes = 0;
        state->NameBytes = 0;
        state->DataBytes = 0;
        if (nameBytes > ServiceMailbox.NameCapacity || nameBytes % sizeof(char) != 0 || dataBytes > ServiceMailbox.DataCapacity)
            return false;

        var service = (RuntimeService)call->Service;
        if (service is RuntimeService.GetVariable or RuntimeService.GetNextVariableName or RuntimeService.SetVariable && nameBytes != 0)
        {
            new ReadOnlySpan<byte>((byte*)mailbox + ServiceMailbox.NameOffset, (int)nameBytes)
                .CopyTo(new Span<byte>(state->Name, (int)nameBytes));
            state->NameBytes = LengthOf(state->Name, (int)nameBytes);
            if (state->NameBytes == 0)
                return false;
        }

        if (service is RuntimeService.SetVariable or RuntimeService.SetVirtualAddressMap)
        {
            state->DataBytes = (int)dataBytes;
            new ReadOnlySpan<byte>((byte*)mailbox + ServiceMailbox.DataOffset, (int)dataBytes)
                .CopyTo(new Span<byte>(state->Data, (int)dataBytes));
        }

        return true;
    }

    /// <summary>Copies the answer into a mailbox: what <see cref="ServiceMailbox.Results"/> says, and no more.</summary>
    public static void Give(ServiceState* state, ServiceMailbox* mailbox, EfiStatus status)
    {
        ServiceMailbox* call = &state->Call;
        for (int i = 0; i < ServiceMailbox.Parameters; i++)
        {
            int at = i * ServiceMailbox.SlotBytes;
            if ((call->Results & (1UL << i)) != 0)
            {
                new ReadOnlySpan<byte>((byte*)&call->Slots + at, ServiceMailbox.SlotBytes)
                    .CopyTo(new Span<byte>((byte*)&mailbox->Slots + at, ServiceMailbox.SlotBytes));
            }
        }

        // SAFETY: both lengths are this side's, and fit.
        new ReadOnlySpan<byte>(state->Name, (int)call->NameBytes)
            .CopyTo(new Span<byte>((byte*)mailbox + ServiceMailbox.NameOffset, (int)call->NameBytes));
        new ReadOnlySpan<byte>(state->Data, (int)call->DataBytes)
            .CopyTo(new Span<byte>((byte*)mailbox + ServiceMailbox.DataOffset, (int)call->DataBytes));
        mailbox->NameBytes = call->NameBytes;
        mailbox->DataBytes = call->DataBytes;
        mailbox->Results = call->Results;
        mailbox->Status = status.Value;
    }

    /// <summary>A parameter as the caller passed it.</summary>
    public static ulong Argument(ServiceState* state, int parameter) => ((ulong*)&state->Call.Arguments)[parameter];

    /// <summary>Whether the caller passed a null pointer.</summary>
    public static bool IsNull(ServiceState* state, int parameter) => Argument(state, parameter) == 0;

    /// <summary>What a parameter points to.</summary>
    public static T* Slot<T>(ServiceState* state, int parameter)
        where T : unmanaged => (T*)((byte*)&state->Call.Slots + (parameter * ServiceMailbox.SlotBytes));

    /// <summary>Gives what a parameter points to back to the caller.</summary>
    public static void Return(ServiceState* state, int parameter) => state->Call.Results |= 1UL << parameter;

    /// <summary>Bytes of a text with its end, or 0 if it does not end in so many bytes.</summary>
    public static int LengthOf(char* text, int bytes)
    {
        for (int i = 0; i < bytes / sizeof(char); i++)
        {
            if (text[i] == '\0')
                return (i + 1) * sizeof(char);
        }

        return 0;
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Switcher.Stubs.Shared;

/// <summary>
/// What a guest's runtime service writes and the firmware's side reads, and the other way round. It lies in the guest's
/// RuntimeServicesData memory, so nothing in it is to be trusted or read twice. Behind these fields: the name at <see cref="NameOffset"/>,
/// the data at <see cref="DataOffset"/>.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct ServiceMailbox
{
    /// <summary>Parameters that a service has at most (GetVariable and SetVariable).</summary>
    public const int Parameters = 5;

    /// <summary>Bytes of a slot, the size of the largest parameter that is passed by pointer: EFI_TIME, EFI_GUID.</summary>
    public const int SlotBytes = 16;

    public const int NameOffset = 0x100;

    /// <summary>Bytes of the longest name, with its end.</summary>
    public const int NameCapacity = DataOffset - NameOffset;

    public const int DataOffset = 0x1000;
    public const int DataCapacity = 64 * 1024;

    /// <summary>Bytes of the whole.</summary>
    public const int Length = DataOffset + DataCapacity;

    /// <summary>In <see cref="Results"/>: the name goes back, as far as <see cref="NameBytes"/> says; the same of the data.</summary>
    public const ulong NameResult = 1 << 8;
    public const ulong DataResult = 1 << 9;

    /// <summary>
    /// 1 while a CPU uses the mailbox; which one, by its initial APIC identifier. Taken and given back together, in one access.
    /// </summary>
    public uint Lock;
    public uint Owner;

    /// <summary>A <see cref="RuntimeService"/>.</summary>
    public ulong Service;

    /// <summary>EFI_STATUS, written by the firmware's side.</summary>
    public ulong Status;

    /// <summary>Written by the firmware's side: bit i stands for slot i, which goes back to where parameter i points.</summary>
    public ulong Results;

    /// <summary>
    /// Bytes of the name with its end; 0 if there is none, or it is longer than <see cref="NameCapacity"/>. Written by both sides.
    /// </summary>
    public ulong NameBytes;

    /// <summary>Bytes of data that are there, at most <see cref="DataCapacity"/>. Written by both sides.</summary>
    public ulong DataBytes;

    /// <summary>The parameters as the caller passed them, pointers among them (which only tell whether they are null).</summary>
    public ServiceArguments Arguments;

    /// <summary>What parameters point to, except for names and data; zero where the pointer is null.</summary>
    public ServiceSlots Slots;
}

/// <summary>A number for each parameter.</summary>
[InlineArray(ServiceMailbox.Parameters)]
public struct ServiceArguments
{
    private ulong _first;
}

/// <summary><see cref="ServiceMailbox.SlotBytes"/> for each parameter, one slot after the other.</summary>
[InlineArray(ServiceMailbox.Parameters * ServiceMailbox.SlotBytes)]
public struct ServiceSlots
{
    private byte _first;
}

/// <summary>The services in the order of their table: UEFI 2.10, section 4.5 "EFI Runtime Services Table".</summary>
public enum RuntimeService : ulong
{
    GetTime,
    SetTime,
    GetWakeupTime,
    SetWakeupTime,
    SetVirtualAddressMap,
    ConvertPointer,
    GetVariable,
    GetNextVariableName,
    SetVariable,
    GetNextHighMonotonicCount,
    ResetSystem,
    UpdateCapsule,
    QueryCapsuleCapabilities,
    QueryVariableInfo,
}

/// <summary>
/// The page of code that is a guest's runtime services: the stubs <c>SvmServiceShim</c> and <c>VmxServiceShim</c>. Runs at any address, as
/// long as <see cref="Mailbox"/> is the mailbox's in the same address space.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct ServiceShim
{
    /// <summary>Bytes of fields and code together.</summary>
    public const int Length = 4096;

    /// <summary>Where the entry of a service is: this and <see cref="EntryStride"/> for each before it in the table.</summary>
    public const int FirstEntry = 16;
    public const int EntryStride = 16;

    public const int Services = 14;

    /// <summary>The mailbox's address in the caller's address space.</summary>
    public ulong Mailbox;

    /// <summary>The offset of a service's entry.</summary>
    public static int EntryOf(RuntimeService service) => FirstEntry + ((int)service * EntryStride);
}

using System;

namespace Switcher.Efi.Uefi;

// UEFI 2.10, sections 7.1 "Event, Timer, and Task Priority Services" and 7.3 "Protocol Handler Services".

/// <summary>EVT_*: what an event is.</summary>
[Flags]
public enum EventType : uint
{
    Timer = 0x8000_0000,
    Runtime = 0x4000_0000,
    NotifyWait = 0x0000_0100,
    NotifySignal = 0x0000_0200,
    SignalExitBootServices = 0x0000_0201,
    SignalVirtualAddressChange = 0x6000_0202,
}

/// <summary>EFI_TIMER_DELAY; timers count in units of 100 ns.</summary>
public enum TimerDelay : uint
{
    Cancel,
    Periodic,
    Relative,
}

/// <summary>EFI_INTERFACE_TYPE.</summary>
public enum InterfaceType : uint
{
    Native,
}

/// <summary>EFI_LOCATE_SEARCH_TYPE.</summary>
public enum LocateSearchType : uint
{
    AllHandles,
    ByRegisterNotify,
    ByProtocol,
}

/// <summary>EFI_OPEN_PROTOCOL_*.</summary>
[Flags]
public enum OpenProtocolAttributes : uint
{
    ByHandleProtocol = 0x1,
    GetProtocol = 0x2,
    TestProtocol = 0x4,
    ByChildController = 0x8,
    ByDriver = 0x10,
    Exclusive = 0x20,
}

/// <summary>EFI_OPEN_PROTOCOL_INFORMATION_ENTRY.</summary>
public struct OpenProtocolInformationEntry
{
    public Handle AgentHandle;
    public Handle ControllerHandle;
    public OpenProtocolAttributes Attributes;
    public uint OpenCount;
}

/// <summary>The groups that a CreateEventEx() event can join: UEFI 2.10, section 7.1.2 "EFI_BOOT_SERVICES.CreateEventEx()".</summary>
public static class EventGroup
{
    public static Guid ExitBootServices => new(0x27abf055, 0xb1b8, 0x4c26, 0x80, 0x48, 0x74, 0x8f, 0x37, 0xba, 0xa2, 0xdf);

    public static Guid BeforeExitBootServices => new(0x8be0e274, 0x3970, 0x4b44, 0x80, 0xc5, 0x1a, 0xb9, 0x50, 0x2f, 0x3b, 0xfc);

    public static Guid VirtualAddressChange => new(0x13fa7698, 0xc831, 0x49c7, 0x87, 0xea, 0x8f, 0x43, 0xfc, 0xc2, 0x51, 0x96);

    public static Guid MemoryMapChange => new(0x78bee926, 0x692f, 0x48fd, 0x9e, 0xdb, 0x01, 0x42, 0x2e, 0xf0, 0xd7, 0xab);

    public static Guid ReadyToBoot => new(0x7ce88fb3, 0x4bd7, 0x4679, 0x87, 0xa8, 0xa8, 0xd8, 0xde, 0xe5, 0x0d, 0x2b);
}

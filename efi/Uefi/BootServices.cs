using System;

namespace Switcher.Efi.Uefi;

/// <summary>
/// EFI_BOOT_SERVICES: UEFI 2.10, section 4.4 "EFI Boot Services Table"; each service in chapter 7 "Services - Boot Services".
/// </summary>
public unsafe struct BootServices
{
    /// <summary>"BOOTSERV".</summary>
    public const ulong TableSignature = 0x5652_4553_544f_4f42;

    public TableHeader Hdr;

    // Task priority services.
    public delegate* unmanaged<Tpl, Tpl> RaiseTpl;
    public delegate* unmanaged<Tpl, void> RestoreTpl;

    // Memory services.
    public delegate* unmanaged<AllocateType, MemoryType, nuint, ulong*, EfiStatus> AllocatePages;
    public delegate* unmanaged<ulong, nuint, EfiStatus> FreePages;
    public delegate* unmanaged<nuint*, MemoryDescriptor*, nuint*, nuint*, uint*, EfiStatus> GetMemoryMap;
    public delegate* unmanaged<MemoryType, nuint, void**, EfiStatus> AllocatePool;
    public delegate* unmanaged<void*, EfiStatus> FreePool;

    // Event and timer services.
    public delegate* unmanaged<EventType, Tpl, delegate* unmanaged<Event, void*, void>, void*, Event*, EfiStatus> CreateEvent;
    public delegate* unmanaged<Event, TimerDelay, ulong, EfiStatus> SetTimer;
    public delegate* unmanaged<nuint, Event*, nuint*, EfiStatus> WaitForEvent;
    public delegate* unmanaged<Event, EfiStatus> SignalEvent;
    public delegate* unmanaged<Event, EfiStatus> CloseEvent;
    public delegate* unmanaged<Event, EfiStatus> CheckEvent;

    // Protocol handler services.
    public delegate* unmanaged<Handle*, Guid*, InterfaceType, void*, EfiStatus> InstallProtocolInterface;
    public delegate* unmanaged<Handle, Guid*, void*, void*, EfiStatus> ReinstallProtocolInterface;
    public delegate* unmanaged<Handle, Guid*, void*, EfiStatus> UninstallProtocolInterface;
    public delegate* unmanaged<Handle, Guid*, void**, EfiStatus> HandleProtocol;
    public void* Reserved;
    public delegate* unmanaged<Guid*, Event, void**, EfiStatus> RegisterProtocolNotify;
    public delegate* unmanaged<LocateSearchType, Guid*, void*, nuint*, Handle*, EfiStatus> LocateHandle;
    public delegate* unmanaged<Guid*, DevicePath**, Handle*, EfiStatus> LocateDevicePath;
    public delegate* unmanaged<Guid*, void*, EfiStatus> InstallConfigurationTable;

    // Image services.
    public delegate* unmanaged<byte, Handle, DevicePath*, void*, nuint, Handle*, EfiStatus> LoadImage;
    public delegate* unmanaged<Handle, nuint*, char**, EfiStatus> StartImage;
    public delegate* unmanaged<Handle, EfiStatus, nuint, char*, EfiStatus> Exit;
    public delegate* unmanaged<Handle, EfiStatus> UnloadImage;
    public delegate* unmanaged<Handle, nuint, EfiStatus> ExitBootServices;

    // Miscellaneous services. Stall() counts in microseconds, SetWatchdogTimer() in seconds.
    public delegate* unmanaged<ulong*, EfiStatus> GetNextMonotonicCount;
    public delegate* unmanaged<nuint, EfiStatus> Stall;
    public delegate* unmanaged<nuint, ulong, nuint, char*, EfiStatus> SetWatchdogTimer;

    // Driver support services.
    public delegate* unmanaged<Handle, Handle*, DevicePath*, byte, EfiStatus> ConnectController;
    public delegate* unmanaged<Handle, Handle, Handle, EfiStatus> DisconnectController;

    // Open and close protocol services.
    public delegate* unmanaged<Handle, Guid*, void**, Handle, Handle, OpenProtocolAttributes, EfiStatus> OpenProtocol;
    public delegate* unmanaged<Handle, Guid*, Handle, Handle, EfiStatus> CloseProtocol;
    public delegate* unmanaged<Handle, Guid*, OpenProtocolInformationEntry**, nuint*, EfiStatus> OpenProtocolInformation;

    // Library services. The two with variable arguments are declared for two protocols and the closing null.
    public delegate* unmanaged<Handle, Guid***, nuint*, EfiStatus> ProtocolsPerHandle;
    public delegate* unmanaged<LocateSearchType, Guid*, void*, nuint*, Handle**, EfiStatus> LocateHandleBuffer;
    public delegate* unmanaged<Guid*, void*, void**, EfiStatus> LocateProtocol;
    public delegate* unmanaged<Handle*, Guid*, void*, Guid*, void*, void*, EfiStatus> InstallMultipleProtocolInterfaces;
    public delegate* unmanaged<Handle, Guid*, void*, Guid*, void*, void*, EfiStatus> UninstallMultipleProtocolInterfaces;

    // 32-bit CRC services.
    public delegate* unmanaged<void*, nuint, uint*, EfiStatus> CalculateCrc32;

    // Miscellaneous services.
    public delegate* unmanaged<void*, void*, nuint, void> CopyMem;
    public delegate* unmanaged<void*, nuint, byte, void> SetMem;
    public delegate* unmanaged<EventType, Tpl, delegate* unmanaged<Event, void*, void>, void*, Guid*, Event*, EfiStatus> CreateEventEx;
}

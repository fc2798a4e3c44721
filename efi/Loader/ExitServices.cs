using System;
using System.Runtime.InteropServices;
using Switcher.Boot.Memory;
using Switcher.Efi.Cpu;
using Switcher.Efi.Firmware;
using Switcher.Efi.Launch;
using Switcher.Efi.Uefi;
using Switcher.Hv.Exits;
using Switcher.Hv.State;
using Switcher.Hv.Switch;
using Switcher.Stubs.Shared;
using MemoryType = Switcher.Boot.Memory.MemoryType;

namespace Switcher.Efi.Loader;

/// <summary>
/// ExitBootServices() of the guests (UEFI 2.10, 7.4.6). A parked guest's stops it there, in a thunk that lies in its partition, for at its
/// first activation it goes on from the instruction behind the hypercall. The last guest's is the firmware's, and begins the run phase.
/// </summary>
internal static unsafe class ExitServices
{
    private static ParkThunk* s_thunk;

    /// <summary>Puts the service into the running guest's table.</summary>
    public static bool Hook(BootServices* services)
    {
        if (!Session.IsParked)
        {
            services->ExitBootServices = &ExitAndRun;
            return true;
        }

        s_thunk = (ParkThunk*)MemoryServices.Allocate(MemoryType.Reserved, PageSize.Small);
        if (s_thunk == null || !ParkStructures.Create(out ParkContext context))
            return false;
        void* code = Hypervisor.UsesVmcall ? BootStubs.AddressOfVmxParkThunk() : BootStubs.AddressOfSvmParkThunk();
        new ReadOnlySpan<byte>(code, ParkThunk.Length).CopyTo(new Span<byte>(s_thunk, ParkThunk.Length));
        var kept = (ParkContext*)((byte*)s_thunk + ParkThunk.Length);
        *kept = context;
        s_thunk->Hook = (ulong)(delegate* unmanaged<Handle, nuint, EfiStatus>)&PrepareToPark;
        s_thunk->Function = Hypercall.Park;
        s_thunk->Guest = (ulong)Session.Guest.Index;
        s_thunk->Context = (ulong)kept;
        s_thunk->Leave = (ulong)(delegate*<ulong*, EfiStatus, void>)&BootStubs.LeaveImage;
        services->ExitBootServices = (delegate* unmanaged<Handle, nuint, EfiStatus>)(s_thunk + 1);
        return true;
    }

    /// <summary>Says where a parked guest's loader was started from.</summary>
    public static void ReturnTo(ulong* frame)
    {
        if (Session.IsParked)
            s_thunk->Frame = (ulong)frame;
    }

    /// <summary>Everything that ExitBootServices means for a guest that is stopped there. An error is the loader's answer.</summary>
    [UnmanagedCallersOnly]
    private static EfiStatus PrepareToPark(Handle image, nuint mapKey)
    {
        if (!MapView.IsCurrent(mapKey, out _))
            return EfiStatus.InvalidParameter;
        Journal.NotifyExitBootServices();
        Journal.UndoAll();
        PrivateTables.FinishParked();
        Session.HasExitedBootServices = true;
        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus ExitAndRun(Handle image, nuint mapKey)
    {
        if (!MapView.IsCurrent(mapKey, out nuint firmwareKey))
            return EfiStatus.InvalidParameter;

        // The image handle is one of Switcher's making, which the firmware's image services do not know.
        EfiStatus status = FirmwareAccess.Services->ExitBootServices(FirmwareAccess.Image, firmwareKey);
        if (status.IsError)
            return status;
        Session.HasExitedBootServices = true;
        Instructions.Cli();
        Hypervisor.BeginRunPhase(Session.Guest.Index);
        return EfiStatus.Success;
    }
}

using System;
using System.Runtime.InteropServices;
using Switcher.Boot.Memory;
using Switcher.Efi.Cpu;
using Switcher.Efi.Host;
using Switcher.Efi.Services;
using Switcher.Efi.Uefi;
using Switcher.Hv.Exits;
using Switcher.Hv.Switch;
using Switcher.Stubs.Shared;
using MemoryType = Switcher.Boot.Memory.MemoryType;

namespace Switcher.Efi.Loader;

/// <summary>
/// ExitBootServices() of the guests (UEFI 2.10, 7.4.6), the whole of it. It is never the firmware's, which goes on living. The guest stops
/// there:
/// <list type="number">
/// <item>Before its loader runs, <see cref="Hook"/> writes into its partition a thunk that will be its ExitBootServices, and the page
/// tables, GDT and IDT of its first moments.</item>
/// <item>The loader calls the thunk (<c>stubs/BootStubs.cs</c>), the thunk <see cref="PrepareToPark"/>: an error is the loader's
/// answer.</item>
/// <item>The thunk's hypercall keeps the CPU's state (<c>hv</c>) and returns to the thunk, which goes back to where
/// <see cref="ChainLoader"/> started the loader: the next step.</item>
/// <item>At the guest's first activation the hypercall returns a second time, and ExitBootServices has succeeded.</item>
/// </list>
/// </summary>
internal static unsafe class ExitServices
{
    private const int IdtOffset = 1024;
    private const int Gates = 32;
    private const int GateSize = 16;
    private const int GdtOffset = (int)PageSize.Small;

    /// <summary>Puts the service into the running guest's table.</summary>
    public static bool Hook(Session* session)
    {
        var thunk = (ParkThunk*)MemoryServices.Allocate(session, MemoryType.Reserved, PageSize.Small);
        if (thunk == null || !TryCreateContext(session, out ParkContext context))
            return false;
        void* code = session->Backend == Backend.Vmx ? BootStubs.AddressOfVmxParkThunk() : BootStubs.AddressOfSvmParkThunk();
        new ReadOnlySpan<byte>(code, ParkThunk.Length).CopyTo(new Span<byte>(thunk, ParkThunk.Length));
        var kept = (ParkContext*)((byte*)thunk + ParkThunk.Length);
        *kept = context;
        thunk->Hook = (ulong)(delegate* unmanaged<Handle, nuint, EfiStatus>)&PrepareToPark;
        thunk->Function = Hypercall.Park;
        thunk->Guest = (ulong)session->Guest->Index;
        thunk->Context = (ulong)kept;
        thunk->Leave = (ulong)(delegate*<ulong*, EfiStatus, void>)&BootStubs.LeaveImage;
        session->Thunk = thunk;
        session->Services->ExitBootServices = (delegate* unmanaged<Handle, nuint, EfiStatus>)(thunk + 1);
        return true;
    }

    /// <summary>Everything that ExitBootServices means for a guest that is stopped there. An error is the loader's answer.</summary>
    [UnmanagedCallersOnly]
    private static EfiStatus PrepareToPark(Handle image, nuint mapKey)
    {
        Session* session = Session.Current;
        if (!session->HasBegunExit)
        {
            session->HasBegunExit = true;
            session->Journal.Notify(ExitSignal.Before);
        }

        if (!session->Map.IsCurrent(session, mapKey))
            return EfiStatus.InvalidParameter;
        session->Journal.Notify(ExitSignal.Exit);
        Session.Undo(session);
        RuntimeTables.BeginRunPhase(&session->Guest->Runtime, session->Firmware);
        session->HasExitedBootServices = true;
        return EfiStatus.Success;
    }

    /// <summary>
    /// Page tables, GDT and IDT of a guest's first moments: what the firmware's mean, in memory that its map calls reserved
    /// (UEFI 2.10, 2.3.4 "x64 Platforms": the state in which an OS loader finds the CPU).
    /// </summary>
    private static bool TryCreateContext(Session* session, out ParkContext context)
    {
        context = default;
        TableRegister gdtr;
        Instructions.Sgdt(&gdtr);
        ulong gdtLength = (ulong)gdtr.Limit + 1;
        var pages = (byte*)MemoryServices.Allocate(session, MemoryType.Reserved, GdtOffset + gdtLength);
        ulong root = IdentityMap.Create(session);
        if (pages == null || root == 0)
            return false;

        // SAFETY: the pages are ours; the GDT is where the CPU says.
        new Span<byte>(pages, GdtOffset).Clear();
        BootStubs.CopyPartitionCode(pages);
        new ReadOnlySpan<byte>((void*)gdtr.Base, (int)gdtLength).CopyTo(new Span<byte>(pages + GdtOffset, (int)gdtLength));
        var idt = (ulong*)(pages + IdtOffset);
        for (int i = 0; i < Gates; i++)
            SetGate(idt + (2 * i), (ulong)(pages + PartitionCode.Halt), Instructions.ReadCs());

        context.Facs = session->Guest->Facs;
        context.Services = (ulong)session->Guest->Runtime.Shim;
        context.Cr3 = root;
        context.GdtBase = (ulong)(pages + GdtOffset);
        context.GdtLimit = gdtr.Limit;
        context.IdtBase = (ulong)idt;
        context.IdtLimit = (Gates * GateSize) - 1;
        return true;
    }

    /// <summary>A 64-bit interrupt gate (SDM vol. 3, 6.14.1 "64-Bit Mode IDT"; APM vol. 2, 4.8.4 "Gate Descriptors").</summary>
    private static void SetGate(ulong* gate, ulong handler, ushort selector)
    {
        const ulong PresentInterruptGate = 0x8E00UL << 32;
        gate[0] = (handler & 0xFFFF) | ((ulong)selector << 16) | PresentInterruptGate | ((handler & 0xFFFF_0000) << 32);
        gate[1] = handler >> 32;
    }
}

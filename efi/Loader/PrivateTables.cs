using System;
using Switcher.Efi.Cpu;
using Switcher.Efi.Guests;
using Switcher.Efi.Host;
using Switcher.Efi.Services;
using Switcher.Efi.Uefi;
using Switcher.Stubs.Shared;
using MemoryType = Switcher.Boot.Memory.MemoryType;

namespace Switcher.Efi.Loader;

/// <summary>
/// The UEFI tables of the running guest. It has all of them to itself, in its partition: the firmware's stay the firmware's.
/// </summary>
internal static unsafe class PrivateTables
{
    /// <summary>Makes the tables of the running guest, in its partition.</summary>
    public static bool Create(Session* session)
    {
        ulong length = Math.Max((ulong)sizeof(BootServices), session->Firmware->Services->Hdr.HeaderSize);
        session->Services = (BootServices*)MemoryServices.Allocate(session, MemoryType.BootServicesData, length);
        if (session->Services == null)
            return false;
        new ReadOnlySpan<byte>(session->Firmware->Services, (int)length).CopyTo(new Span<byte>(session->Services, (int)length));
        MemoryServices.Hook(session->Services);
        EventServices.Hook(session->Services);
        ProtocolServices.Hook(session->Services);
        ImageServices.Hook(session->Services);
        ConfigurationTables.Hook(session->Services);
        if (!CreateTables(session) || !ExitServices.Hook(session))
            return false;
        session->Firmware->UpdateChecksum(&session->Services->Hdr);
        return true;
    }

    /// <summary>Runtime memory, because the guest goes on using these tables; it is the guest's only runtime memory.</summary>
    private static bool CreateTables(Session* session)
    {
        var data = (byte*)MemoryServices.Allocate(session, MemoryType.RuntimeServicesData, RuntimeTables.DataLength);
        var shim = (byte*)MemoryServices.Allocate(session, MemoryType.RuntimeServicesCode, ServiceShim.Length);
        if (data == null || shim == null)
            return false;
        new Span<byte>(data, RuntimeTables.DataLength).Clear();
        void* code = session->Backend == Backend.Vmx ? BootStubs.AddressOfVmxServiceShim() : BootStubs.AddressOfSvmServiceShim();
        new ReadOnlySpan<byte>(code, ServiceShim.Length).CopyTo(new Span<byte>(shim, ServiceShim.Length));
        GuestRuntime* runtime = &session->Guest->Runtime;
        if (!RuntimeTables.Create(runtime, session->Firmware, data, RuntimeTables.DataLength, (ServiceShim*)shim))
            return false;
        session->SystemTable->BootServices = session->Services;
        return ConfigurationTables.Create(session);
    }
}

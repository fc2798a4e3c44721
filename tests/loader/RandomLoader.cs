using System;
using System.Collections.Generic;
using System.Linq;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Loader;

/// <summary>A loader that makes calls as they come, and remembers what it has so that most of them make sense.</summary>
internal sealed unsafe class RandomLoader(Machine machine, int guest)
{
    private static readonly Guid[] s_guids =
    [
        .. Enumerable.Range(0, 3).Select(i => new Guid(0x5000 + i, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)), Machine.SomeDevice, Machine.SomeDriver,
    ];

    private readonly List<(ulong Address, ulong Pages)> _pages = [];
    private readonly List<ulong> _pool = [];
    private readonly List<(Handle Handle, Guid Guid, ulong Interface)> _installed = [];
    private readonly List<(Handle Handle, Guid Guid, Handle Agent, Handle Controller)> _opened = [];
    private readonly List<Event> _events = [];
    private readonly List<Handle> _images = [];
    private readonly List<nuint> _oldKeys = [];
    private int _depth;

    /// <summary>What was not as it should be.</summary>
    public List<string> Problems { get; } = [];

    public void Do(Services services, IEnumerable<LoaderCall> calls)
    {
        foreach (LoaderCall call in calls)
            Do(services, call);
    }

    /// <summary>What the map calls RAM is the guest's.</summary>
    public void CheckMap(Services services)
    {
        List<MemoryDescriptor>? map = services.GetMemoryMap(out _);
        if (map == null)
            Problems.Add("GetMemoryMap");
        foreach (MemoryDescriptor range in map ?? [])
        {
            ulong last = range.PhysicalStart + (range.NumberOfPages * MemoryDescriptor.PageSize) - 1;
            bool isHidden = range.Type is MemoryType.Reserved or MemoryType.AcpiNvs;
            bool isOthers = Enumerable.Range(0, 3).Any(i => i != guest && (Machine.IsIn(i, range.PhysicalStart) || Machine.IsIn(i, last)));
            if (!isHidden && (isOthers || !Machine.IsIn(guest, last)))
                Problems.Add($"the map offers {range.PhysicalStart:x}");
        }
    }

    private static T? Pick<T>(List<T> list, int index) => list.Count == 0 ? default : list[index % list.Count];

    private void Do(Services services, LoaderCall call)
    {
        Handle[] firmwares = [machine.Display, machine.Disk, machine.Driver];
        Handle known = firmwares[call.A % firmwares.Length];
        Guid guid = s_guids[call.B % s_guids.Length];
        ulong data = Machine.Start(guest) + (ulong)(call.A * 16);
        switch (call.Kind)
        {
            case CallKind.AllocatePages:
                if (!services.AllocatePages((MemoryType)(call.A % 7), (ulong)call.B + 1, out ulong address).IsError)
                    Own(address, (ulong)call.B + 1);
                break;
            case CallKind.AllocateAddress:
                ulong wanted = call.B % 4 == 0 ? 0x2000_0000 + ((ulong)call.A << 16) : Machine.Start(call.A % 3) + ((ulong)call.B << 16);
                if (!services.AllocatePages(AllocateType.Address, MemoryType.LoaderData, 2, ref wanted).IsError)
                    Own(wanted, 2);
                break;
            case CallKind.FreePages when _pages.Count > 0:
                (ulong Address, ulong Pages) pages = Pick(_pages, call.A);
                Expect(services.FreePages(pages.Address, pages.Pages), EfiStatus.Success, "FreePages");
                _pages.Remove(pages);
                break;
            case CallKind.AllocatePool:
                if (!services.AllocatePool(MemoryType.LoaderData, (ulong)(call.A * call.B * 40), out ulong block).IsError)
                {
                    if (!Machine.IsIn(guest, block))
                        Problems.Add($"pool at {block:x}");
                    _pool.Add(block);
                }

                break;
            case CallKind.FreePool when _pool.Count > 0:
                Expect(services.FreePool(Pick(_pool, call.A)), EfiStatus.Success, "FreePool");
                _pool.RemoveAt(call.A % _pool.Count);
                break;
            case CallKind.Install or CallKind.InstallOnFirmwares:
                Handle handle = call.B % 2 == 0 ? default : Pick(_installed, call.A).Handle;
                if (call.Kind == CallKind.InstallOnFirmwares)
                    handle = known;
                if (!services.Install(ref handle, guid, data).IsError)
                    _installed.Add((handle, guid, data));
                break;
            case CallKind.InstallSeveral:
                Handle several = call.B % 2 == 0 ? default : known;
                if (!services.InstallMultiple(ref several, (s_guids[0], data), (guid, data), (s_guids[2], data)).IsError)
                    _installed.AddRange([(several, s_guids[0], data), (several, guid, data), (several, s_guids[2], data)]);
                break;
            case CallKind.Uninstall when _installed.Count > 0:
                var own = Pick(_installed, call.A);
                if (!services.Uninstall(own.Handle, own.Guid, own.Interface).IsError)
                    _installed.Remove(own);
                break;
            case CallKind.UninstallSeveral when _installed.Count > 1:
                var first = Pick(_installed, call.A);
                var second = Pick(_installed, call.B);
                if (!services.UninstallMultiple(first.Handle, (first.Guid, first.Interface), (second.Guid, second.Interface)).IsError)
                    _installed.RemoveAll(i => i.Handle.Value == first.Handle.Value && (i.Guid == first.Guid || i.Guid == second.Guid));
                break;
            case CallKind.UninstallFirmwares:
                services.Uninstall(known, guid, machine.Uefi.Handles.Interface((ulong)known.Value, guid) ?? 0);
                break;
            case CallKind.Reinstall when _installed.Count > 0:
                var old = Pick(_installed, call.A);
                if (!services.Reinstall(old.Handle, old.Guid, old.Interface, data + 8).IsError)
                    _installed[_installed.IndexOf(old)] = (old.Handle, old.Guid, data + 8);
                break;
            case CallKind.ReinstallFirmwares:
                services.Reinstall(known, guid, machine.Uefi.Handles.Interface((ulong)known.Value, guid) ?? 0, data + 8);
                break;
            case CallKind.Open:
                OpenProtocolAttributes how = (OpenProtocolAttributes)(1 << (call.A % 6));
                if (!services.Open(known, guid, services.Image, machine.Disk, how).IsError)
                    _opened.Add((known, guid, services.Image, machine.Disk));
                break;
            case CallKind.Close when _opened.Count > 0:
                var open = Pick(_opened, call.A);
                services.Close(open.Handle, open.Guid, open.Agent, open.Controller);
                _opened.Remove(open);
                break;
            case CallKind.CreateEvent:
                EventType[] types = [EventType.Timer, EventType.SignalExitBootServices, EventType.NotifySignal];
                if (!services.CreateEvent(types[call.A % 3], Tpl.Callback, () => Notified(services, call), out Event created).IsError)
                    _events.Add(created);
                break;
            case CallKind.CreateEventEx:
                Guid group = call.A % 2 == 0 ? EventGroup.ExitBootServices : EventGroup.MemoryMapChange;
                if (!services.CreateEventEx(
                    EventType.NotifySignal, Tpl.Notify, () => Notified(services, call), group, out Event grouped).IsError)
                    _events.Add(grouped);
                break;
            case CallKind.CloseEvent when _events.Count > 0:
                Expect(services.CloseEvent(Pick(_events, call.A)), EfiStatus.Success, "CloseEvent");
                _events.RemoveAt(call.A % _events.Count);
                break;
            case CallKind.Signal when _events.Count > 0:
                services.Signal(Pick(_events, call.A));
                break;
            case CallKind.SetTable:
                Guid[] tables = [ConfigurationTable.Acpi20, ConfigurationTable.MemoryAttributes, s_guids[0]];
                services.InstallTable(tables[call.A % 3], call.B % 3 == 0 ? 0 : data);
                break;
            case CallKind.GetMap:
                CheckMap(services);
                services.GetMemoryMap(out nuint key);
                _oldKeys.Add(key);
                break;
            case CallKind.StaleExit:
                // Made stale by an allocation, or never given.
                if (_oldKeys.Count > 0)
                    services.AllocatePages(MemoryType.LoaderData, 1, out _);
                nuint stale = _oldKeys.Count > 0 ? Pick(_oldKeys, call.A) : 0;
                Expect(services.ExitBootServices(stale), EfiStatus.InvalidParameter, "ExitBootServices with a stale key");
                break;
            case CallKind.LoadImage:
                if (!services.Load(Machine.Image(inner => RunImage(inner, call), call.B % 2 == 0), out Handle image).IsError)
                    _images.Add(image);
                break;
            case CallKind.StartImage when _images.Count > 0 && _depth < 3:
                services.Start(Pick(_images, call.A));
                break;
            case CallKind.UnloadImage when _images.Count > 0:
                services.Unload(Pick(_images, call.A));
                break;
        }
    }

    /// <summary>What an image does that the loader has loaded: a little of everything, and then it returns, leaves, or stays.</summary>
    private EfiStatus RunImage(Services services, LoaderCall call)
    {
        _depth++;
        try
        {
            var info = (LoadedImage*)(machine.Uefi.Handles.Interface((ulong)services.Image.Value, LoadedImage.Protocol) ?? 0);
            if (info == null || !Machine.IsIn(guest, (ulong)info->ImageBase) || !Machine.IsIn(guest, (ulong)info))
                Problems.Add("an image lies elsewhere");
            Do(services, new LoaderCall(CallKind.Open, call.B, call.A));
            Do(services, new LoaderCall(CallKind.Install, call.A, call.B));
            if (call.A % 4 == 0)
                services.Exit(services.Image, call.A % 8 == 0 ? EfiStatus.Success : EfiStatus.Aborted);
            return call.A % 4 == 1 ? EfiStatus.LoadError : EfiStatus.Success;
        }
        finally
        {
            _depth--;
        }
    }

    /// <summary>Notifications may use the services, too.</summary>
    private void Notified(Services services, LoaderCall call)
    {
        if (call.B % 3 != 0)
            return;
        Do(services, new LoaderCall(CallKind.AllocatePool, call.A, call.B + 1));
        Do(services, new LoaderCall(CallKind.Install, call.A, call.B));
    }

    private void Own(ulong address, ulong pages)
    {
        if (!Machine.IsIn(guest, address) || !Machine.IsIn(guest, address + (pages * MemoryDescriptor.PageSize) - 1))
            Problems.Add($"pages at {address:x}");
        _pages.Add((address, pages));
    }

    private void Expect(EfiStatus status, EfiStatus expected, string what)
    {
        if (status != expected)
            Problems.Add($"{what}: {status.Value:x}");
    }
}

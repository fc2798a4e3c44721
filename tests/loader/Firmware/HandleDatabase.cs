using System;
using System.Collections.Generic;
using System.Linq;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Loader.Firmware;

/// <summary>One way in which a protocol is open.</summary>
internal sealed record OpenRecord(ulong Agent, ulong Controller, OpenProtocolAttributes Attributes);

/// <summary>
/// Protocols on handles: UEFI 2.10, 7.3 "Protocol Handler Services". A handle without protocols is none, and is never used again.
/// </summary>
internal sealed class HandleDatabase
{
    private sealed class Entry(Guid guid, ulong @interface)
    {
        public Guid Guid => guid;

        public ulong Interface { get; set; } = @interface;

        public List<OpenRecord> Opens { get; } = [];
    }

    private readonly SortedDictionary<ulong, List<Entry>> _handles = [];
    private ulong _next = 0x7000_0000;

    public IEnumerable<ulong> Handles => _handles.Keys;

    /// <summary>What there is, without the handles' own values: one that was made anew is as good.</summary>
    public string Contents => string.Join('\n', _handles.Values
        .Select(entries => string.Join(" | ", entries
            .Select(e => $"{e.Guid}={e.Interface:x}{string.Concat(e.Opens.Select(o => $" [{o.Agent:x} {o.Controller:x} {o.Attributes}]"))}")
            .Order(StringComparer.Ordinal)))
        .Order(StringComparer.Ordinal));

    /// <summary>Calls of ConnectController().</summary>
    public int Connects { get; set; }

    public EfiStatus Install(ref ulong handle, Guid guid, ulong @interface)
    {
        if (handle != 0 && (!_handles.ContainsKey(handle) || Find(handle, guid) != null))
            return EfiStatus.InvalidParameter;
        if (handle == 0)
        {
            handle = _next;
            _next += 16;
            _handles[handle] = [];
        }

        _handles[handle].Add(new Entry(guid, @interface));
        return EfiStatus.Success;
    }

    public EfiStatus Reinstall(ulong handle, Guid guid, ulong old, ulong @new)
    {
        if (!_handles.ContainsKey(handle))
            return EfiStatus.InvalidParameter;
        Entry? entry = Find(handle, guid);
        if (entry == null || entry.Interface != old)
            return EfiStatus.NotFound;
        if (entry.Opens.Exists(IsHeld))
            return EfiStatus.AccessDenied;
        entry.Interface = @new;
        return EfiStatus.Success;
    }

    public EfiStatus Uninstall(ulong handle, Guid guid, ulong @interface)
    {
        if (!_handles.TryGetValue(handle, out List<Entry>? entries))
            return EfiStatus.InvalidParameter;
        Entry? entry = Find(handle, guid);
        if (entry == null || entry.Interface != @interface)
            return EfiStatus.NotFound;
        if (entry.Opens.Exists(IsHeld))
            return EfiStatus.AccessDenied;
        entries.Remove(entry);
        if (entries.Count == 0)
            _handles.Remove(handle);
        return EfiStatus.Success;
    }

    public ulong? Interface(ulong handle, Guid guid) => Find(handle, guid)?.Interface;

    public EfiStatus Open(ulong handle, Guid guid, ulong agent, ulong controller, OpenProtocolAttributes attributes, out ulong @interface)
    {
        @interface = 0;
        if (!_handles.ContainsKey(handle) || !IsValid(attributes))
            return EfiStatus.InvalidParameter;
        Entry? entry = Find(handle, guid);
        if (entry == null)
            return EfiStatus.Unsupported;
        bool isHolding = attributes.HasFlag(OpenProtocolAttributes.ByDriver) || attributes.HasFlag(OpenProtocolAttributes.Exclusive);
        if (isHolding && !_handles.ContainsKey(agent))
            return EfiStatus.InvalidParameter;
        if (attributes.HasFlag(OpenProtocolAttributes.ByDriver) && !_handles.ContainsKey(controller))
            return EfiStatus.InvalidParameter;
        if (attributes.HasFlag(OpenProtocolAttributes.ByChildController)
            && (!_handles.ContainsKey(agent) || !_handles.ContainsKey(controller) || controller == handle))
            return EfiStatus.InvalidParameter;
        var record = new OpenRecord(agent, controller, attributes);
        if (isHolding && entry.Opens.Contains(record))
            return EfiStatus.AlreadyStarted;
        if (isHolding && entry.Opens.Exists(IsHeld))
            return EfiStatus.AccessDenied;
        @interface = entry.Interface;

        // EDK2 counts equal ones in one record.
        if (attributes != OpenProtocolAttributes.TestProtocol && agent != 0 && !entry.Opens.Contains(record))
            entry.Opens.Add(record);
        return EfiStatus.Success;
    }

    public EfiStatus Close(ulong handle, Guid guid, ulong agent, ulong controller)
    {
        if (!_handles.ContainsKey(handle) || !_handles.ContainsKey(agent))
            return EfiStatus.InvalidParameter;
        Entry? entry = Find(handle, guid);
        return entry != null && entry.Opens.RemoveAll(o => o.Agent == agent && o.Controller == controller) > 0
            ? EfiStatus.Success
            : EfiStatus.NotFound;
    }

    public IReadOnlyList<OpenRecord>? Opens(ulong handle, Guid guid) => Find(handle, guid)?.Opens;

    public IEnumerable<Guid> Protocols(ulong handle) =>
        _handles.TryGetValue(handle, out List<Entry>? entries) ? entries.Select(e => e.Guid) : [];

    public IEnumerable<ulong> With(Guid guid) => _handles.Keys.Where(h => Find(h, guid) != null);

    public bool Contains(ulong handle) => _handles.ContainsKey(handle);

    private static bool IsHeld(OpenRecord open) =>
        (open.Attributes & (OpenProtocolAttributes.ByDriver | OpenProtocolAttributes.Exclusive)) != 0;

    private static bool IsValid(OpenProtocolAttributes attributes) => (uint)attributes is 1 or 2 or 4 or 8 or 0x10 or 0x20 or 0x30;

    private Entry? Find(ulong handle, Guid guid) =>
        _handles.TryGetValue(handle, out List<Entry>? entries) ? entries.Find(e => e.Guid == guid) : null;
}

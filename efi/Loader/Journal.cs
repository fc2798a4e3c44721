using System;
using Switcher.Boot.Memory;
using Switcher.Boot.Text;
using Switcher.Efi.Firmware;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Loader;

/// <summary>What a loader did to the firmware's global state.</summary>
public enum JournalKind
{
    /// <summary>Installed an interface that was not there.</summary>
    Installed,

    /// <summary>Put an interface in the place of another one.</summary>
    Replaced,

    /// <summary>Removed an interface that was not its own.</summary>
    Removed,

    /// <summary>Opened a protocol in a way that others feel.</summary>
    Opened,

    /// <summary>Created an event.</summary>
    Event,
}

/// <summary>When ExitBootServices signals an event (UEFI 2.10, 7.4.6 EFI_BOOT_SERVICES.ExitBootServices()).</summary>
public enum ExitSignal
{
    None,

    /// <summary>In the first call, whatever its map key.</summary>
    Before,

    /// <summary>When the map key was right.</summary>
    Exit,
}

/// <summary>One entry of the <see cref="Journal"/>; which fields count depends on the kind.</summary>
public unsafe struct JournalEntry
{
    public JournalKind Kind;
    public Handle Handle;
    public Guid Guid;

    /// <summary>The interface or table that the loader brought.</summary>
    public void* Interface;

    /// <summary>The one that was there before.</summary>
    public void* Previous;

    public Handle Agent;
    public Handle Controller;
    public OpenProtocolAttributes Attributes;

    public Event Event;

    /// <summary>For an event that ExitBootServices signals: when, and what it calls.</summary>
    public ExitSignal Signal;
    public delegate* unmanaged<Event, void*, void> Notify;
    public void* Context;
    public Tpl NotifyTpl;

    /// <summary>Its signal has come, its notification not yet.</summary>
    public bool IsDue;
}

/// <summary>
/// Protocols, events and configuration tables are global in UEFI: what one loader leaves behind would meet the next one. So all that the
/// running loader does to them is written down here, and undone in reverse order when it parks or fails. Event notifications may use the
/// services as well, so the table changes only at their task priority level.
/// </summary>
internal unsafe struct Journal
{
    // Far more than any loader needs: GRUB and systemd-boot stay below 50.
    private const int Capacity = 1024;

    // For what notifications add between the question for room and the entry.
    private const int Spare = 32;

    private UefiFirmware* _firmware;
    private JournalEntry* _entries;
    private int _count;

    public readonly bool HasRoom => _count < Capacity - Spare;

    /// <summary>Gets its memory.</summary>
    public bool Create(UefiFirmware* firmware)
    {
        _firmware = firmware;
        _entries = firmware->Allocate<JournalEntry>(Capacity);
        return _entries != null;
    }

    /// <summary>Adds an entry; the caller has seen that there is room.</summary>
    public void Add(in JournalEntry entry)
    {
        Tpl previous = _firmware->Services->RaiseTpl(Tpl.Notify);
        _entries[_count++] = entry;
        _firmware->Services->RestoreTpl(previous);
    }

    /// <summary>The entry with an interface of the loader's own, or -1.</summary>
    public readonly int FindInterface(Handle handle, in Guid guid, void* @interface)
    {
        for (int i = 0; i < _count; i++)
        {
            ref JournalEntry entry = ref _entries[i];
            if (entry.Kind is JournalKind.Installed or JournalKind.Replaced
                && entry.Handle.Value == handle.Value && entry.Interface == @interface && entry.Guid == guid)
                return i;
        }

        return -1;
    }

    /// <summary>Forgets an event that is closed.</summary>
    public void RemoveEvent(Event @event)
    {
        Tpl previous = _firmware->Services->RaiseTpl(Tpl.Notify);
        for (int i = _count - 1; i >= 0; i--)
        {
            if (_entries[i].Kind == JournalKind.Event && _entries[i].Event.Value == @event.Value)
                RemoveAt(i);
        }

        _firmware->Services->RestoreTpl(previous);
    }

    public readonly ref JournalEntry At(int index) => ref _entries[index];

    public void RemoveAt(int index)
    {
        _count--;
        for (int i = index; i < _count; i++)
            _entries[i] = _entries[i + 1];
    }

    /// <summary>Forgets what was opened on a handle; firmware closes all four together (UEFI 2.10, 7.3.10 CloseProtocol()).</summary>
    public void RemoveOpened(Handle handle, in Guid guid, Handle agent, Handle controller)
    {
        Tpl previous = _firmware->Services->RaiseTpl(Tpl.Notify);
        for (int i = _count - 1; i >= 0; i--)
        {
            ref JournalEntry entry = ref _entries[i];
            if (entry.Kind == JournalKind.Opened && entry.Handle.Value == handle.Value && entry.Guid == guid
                && entry.Agent.Value == agent.Value && entry.Controller.Value == controller.Value)
                RemoveAt(i);
        }

        _firmware->Services->RestoreTpl(previous);
    }

    /// <summary>Closes what an image has opened in a way that others feel.</summary>
    public void CloseAllOf(Handle agent)
    {
        for (int i = _count - 1; i >= 0; i--)
        {
            JournalEntry entry = _entries[i];
            if (entry.Kind != JournalKind.Opened || entry.Agent.Value != agent.Value)
                continue;
            RemoveAt(i);
            Undo(entry);
        }
    }

    /// <summary>
    /// Calls the loader's own notifications, which the firmware does not: its ExitBootServices never comes. It is
    /// another guest's. The highest task priority level first, and one that closes events, its own or others, is no harm.
    /// </summary>
    public void Notify(ExitSignal signal)
    {
        for (int i = 0; i < _count; i++)
            _entries[i].IsDue = _entries[i].Kind == JournalKind.Event && _entries[i].Signal == signal;
        for (int next = NextDue(); next >= 0; next = NextDue())
        {
            _entries[next].IsDue = false;
            JournalEntry entry = _entries[next];
            Tpl previous = _firmware->Services->RaiseTpl(entry.NotifyTpl);
            entry.Notify(entry.Event, entry.Context);
            _firmware->Services->RestoreTpl(previous);
        }
    }

    /// <summary>Undoes everything, the latest first.</summary>
    public void UndoAll()
    {
        while (_count > 0)
        {
            JournalEntry entry = _entries[--_count];
            Undo(entry);
        }
    }

    /// <summary>The entry whose notification is next, or -1.</summary>
    private readonly int NextDue()
    {
        int next = -1;
        for (int i = 0; i < _count; i++)
        {
            if (_entries[i].IsDue && (next < 0 || _entries[i].NotifyTpl > _entries[next].NotifyTpl))
                next = i;
        }

        return next;
    }

    private readonly void Undo(JournalEntry entry)
    {
        BootServices* services = _firmware->Services;
        Guid guid = entry.Guid;
        Handle handle = entry.Handle;
        EfiStatus status = entry.Kind switch
        {
            JournalKind.Installed => services->UninstallProtocolInterface(handle, &guid, entry.Interface),
            JournalKind.Replaced => services->ReinstallProtocolInterface(handle, &guid, entry.Interface, entry.Previous),
            JournalKind.Removed => InstallAgain(handle, guid, entry.Previous),
            JournalKind.Opened => services->CloseProtocol(handle, &guid, entry.Agent, entry.Controller),
            _ => services->CloseEvent(entry.Event),
        };

        // Opening exclusively threw the drivers off the handle (UEFI 2.10, 7.3.9 OpenProtocol()).
        if (entry.Kind == JournalKind.Opened && (entry.Attributes & OpenProtocolAttributes.Exclusive) != 0)
            services->ConnectController(handle, null, null, 1);
        // A protocol that was removed since is open no more.
        if (!status.IsError || (entry.Kind == JournalKind.Opened && status == EfiStatus.NotFound))
            return;
        var line = new LogLine("WARN undo"u8);
        line.Number("kind"u8, (ulong)entry.Kind);
        line.Hex("handle"u8, (ulong)handle.Value);
        line.Hex("status"u8, status.Value);
        line.WriteTo<Log>();
    }
    /// <summary>
    /// Puts an interface back. A handle whose last protocol goes is no handle any more (UEFI 2.10, 7.3.4 UninstallProtocolInterface()):
    /// then it gets a new one, and so do the entries that name the old.
    /// </summary>
    private readonly EfiStatus InstallAgain(Handle handle, Guid guid, void* @interface)
    {
        BootServices* services = _firmware->Services;
        Handle place = handle;
        EfiStatus status = services->InstallProtocolInterface(&place, &guid, InterfaceType.Native, @interface);
        if (status != EfiStatus.InvalidParameter)
            return status;
        place = default;
        status = services->InstallProtocolInterface(&place, &guid, InterfaceType.Native, @interface);
        for (int i = 0; i < _count && !status.IsError; i++)
        {
            if (_entries[i].Handle.Value == handle.Value)
                _entries[i].Handle = place;
        }

        return status;
    }
}

using System;
using System.Runtime.InteropServices;
using Switcher.Efi.Uefi;

namespace Switcher.Efi.Loader;

/// <summary>
/// The event services of a guest (UEFI 2.10, 7.1 "Event, Timer, and Task Priority Services"): events are the firmware's, but none of a
/// loader's outlives it. One that stayed would be signalled in another guest's ExitBootServices, and run code of the parked one.
/// </summary>
internal static unsafe class EventServices
{
    /// <summary>Puts the hooks into a guest's table.</summary>
    public static void Hook(BootServices* services)
    {
        services->CreateEvent = &CreateEvent;
        services->CreateEventEx = &CreateEventEx;
        services->CloseEvent = &CloseEvent;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus CreateEvent(
        EventType type, Tpl notifyTpl, delegate* unmanaged<Event, void*, void> notify, void* context, Event* created)
    {
        Session* session = Session.Current;
        if (!session->Journal.HasRoom)
            return EfiStatus.OutOfResources;
        EfiStatus status = session->Firmware->Services->CreateEvent(type, notifyTpl, notify, context, created);
        if (!status.IsError)
            Record(session, *created, Signal(type, null), notifyTpl, notify, context);
        return status;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus CreateEventEx(
        EventType type, Tpl notifyTpl, delegate* unmanaged<Event, void*, void> notify, void* context, Guid* group, Event* created)
    {
        Session* session = Session.Current;
        if (!session->Journal.HasRoom)
            return EfiStatus.OutOfResources;
        EfiStatus status = session->Firmware->Services->CreateEventEx(type, notifyTpl, notify, context, group, created);
        if (!status.IsError)
            Record(session, *created, Signal(type, group), notifyTpl, notify, context);
        return status;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus CloseEvent(Event @event)
    {
        Session* session = Session.Current;
        EfiStatus status = session->Firmware->Services->CloseEvent(@event);
        if (!status.IsError)
            session->Journal.RemoveEvent(@event);
        return status;
    }

    private static ExitSignal Signal(EventType type, Guid* group)
    {
        if (type == EventType.SignalExitBootServices || (group != null && *group == EventGroup.ExitBootServices))
            return ExitSignal.Exit;
        return group != null && *group == EventGroup.BeforeExitBootServices ? ExitSignal.Before : ExitSignal.None;
    }

    private static void Record(
        Session* session, Event @event, ExitSignal signal, Tpl notifyTpl, delegate* unmanaged<Event, void*, void> notify, void* context)
    {
        var entry = new JournalEntry { Kind = JournalKind.Event, Event = @event };
        if (signal != ExitSignal.None && notify != null)
        {
            entry.Signal = signal;
            entry.Notify = notify;
            entry.NotifyTpl = notifyTpl;
            entry.Context = context;
        }

        session->Journal.Add(entry);
    }
}

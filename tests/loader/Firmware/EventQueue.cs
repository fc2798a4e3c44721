using System;
using System.Collections.Generic;
using System.Linq;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Loader.Firmware;

/// <summary>Events and task priorities: UEFI 2.10, 7.1 "Event, Timer, and Task Priority Services".</summary>
internal sealed unsafe class EventQueue
{
    private sealed class Entry
    {
        public ulong Id;
        public EventType Type;
        public Tpl NotifyTpl;
        public delegate* unmanaged<Event, void*, void> Notify;
        public nint Context;
        public Guid Group;
        public bool IsPending;
    }

    private readonly SortedDictionary<ulong, Entry> _events = [];
    private ulong _next = 0x6000_0000;

    public Tpl Level { get; private set; } = Tpl.Application;

    /// <summary>What no program may do.</summary>
    public List<string> Violations { get; } = [];

    public string Contents => string.Join(' ', _events.Values.Select(e => $"{e.Id:x}:{e.Type}"));

    public Tpl Raise(Tpl level)
    {
        if (level < Level)
            Violations.Add($"RaiseTPL from {Level} to {level}");
        Tpl previous = Level;
        Level = level;
        return previous;
    }

    public void Restore(Tpl level)
    {
        if (level > Level)
            Violations.Add($"RestoreTPL from {Level} to {level}");
        Level = level;
        Dispatch();
    }

    public EfiStatus Create(
        EventType type, Tpl level, delegate* unmanaged<Event, void*, void> notify, void* context, Guid group, out ulong id)
    {
        id = 0;
        bool isNotified = (type & (EventType.NotifySignal | EventType.NotifyWait)) != 0;
        if (isNotified && (notify == null || level is not (Tpl.Callback or Tpl.Notify)))
            return EfiStatus.InvalidParameter;
        id = _next;
        _next += 16;
        if (type == EventType.SignalExitBootServices)
            group = EventGroup.ExitBootServices;
        _events[id] = new Entry
        {
            Id = id,
            Type = type,
            NotifyTpl = level,
            Notify = isNotified ? notify : null,
            Context = (nint)context,
            Group = group,
        };
        return EfiStatus.Success;
    }

    public EfiStatus Close(ulong id)
    {
        if (_events.Remove(id))
            return EfiStatus.Success;
        Violations.Add($"CloseEvent of {id:x}, which is none");
        return EfiStatus.InvalidParameter;
    }

    public EfiStatus Signal(ulong id)
    {
        if (!_events.TryGetValue(id, out Entry? entry))
            return EfiStatus.InvalidParameter;
        entry.IsPending = entry.Notify != null;
        Dispatch();
        return EfiStatus.Success;
    }

    public void SignalGroup(Guid group)
    {
        foreach (Entry entry in _events.Values.Where(e => e.Group == group))
            entry.IsPending = entry.Notify != null;
        Dispatch();
    }

    private void Dispatch()
    {
        while (_events.Values.Where(e => e.IsPending && e.NotifyTpl > Level).MaxBy(e => e.NotifyTpl) is { } next)
        {
            next.IsPending = false;
            Tpl previous = Level;
            Level = next.NotifyTpl;
            next.Notify(new Event((void*)next.Id), (void*)next.Context);
            Level = previous;
        }
    }
}

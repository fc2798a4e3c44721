using System.Collections.Generic;
using Switcher.Efi.Uefi;
using Xunit;

namespace Switcher.Tests.Loader;

/// <summary>The event services of a loader (UEFI 2.10, 7.1), and what ExitBootServices signals.</summary>
public unsafe class EventTests
{
    /// <summary>Drivers close their event where it is signalled.</summary>
    [Fact]
    public void ExitNotification_ThatClosesItsEvent_DoesNotHideTheNext()
    {
        var machine = new Machine();
        var called = new List<string>();
        Assert.True(machine.Run(Machine.Parked, services =>
        {
            Event first = default;
            services.CreateEvent(EventType.SignalExitBootServices, Tpl.Callback, () =>
            {
                called.Add("first");
                services.CloseEvent(first);
            }, out first);
            services.CreateEvent(EventType.SignalExitBootServices, Tpl.Callback, () => called.Add("second"), out _);
            return services.ExitBootServices();
        }));
        Assert.Equal(["first", "second"], called);
        Assert.Empty(machine.Uefi.Events.Violations);
    }

    [Fact]
    public void ExitNotifications_OfTheHigherLevel_ComeFirst()
    {
        var machine = new Machine();
        var called = new List<string>();
        machine.Run(Machine.Parked, services =>
        {
            services.CreateEvent(EventType.SignalExitBootServices, Tpl.Callback, () => called.Add("callback"), out _);
            services.CreateEventEx(EventType.NotifySignal, Tpl.Notify, () => called.Add("notify"), EventGroup.ExitBootServices, out _);
            return services.ExitBootServices();
        });
        Assert.Equal(["notify", "callback"], called);
    }

    [Fact]
    public void BeforeExitNotifications_ComeOnceAndWithAnyKey()
    {
        var machine = new Machine();
        var called = new List<string>();
        EfiStatus stale = default;
        Assert.True(machine.Run(Machine.Parked, services =>
        {
            services.CreateEventEx(
                EventType.NotifySignal, Tpl.Callback, () => called.Add("before"), EventGroup.BeforeExitBootServices, out _);
            services.CreateEvent(EventType.SignalExitBootServices, Tpl.Callback, () => called.Add("exit"), out _);
            stale = services.ExitBootServices(0);
            called.Add("again");
            return services.ExitBootServices();
        }));
        Assert.Equal(EfiStatus.InvalidParameter, stale);
        Assert.Equal(["before", "again", "exit"], called);
    }

    [Fact]
    public void ExitNotifications_OfAParkedGuest_DoNotComeInTheNextOnes()
    {
        var machine = new Machine();
        var called = new List<string>();
        machine.Run(Machine.ParkedToo, services =>
        {
            services.CreateEvent(EventType.SignalExitBootServices, Tpl.Callback, () => called.Add("parked"), out _);
            return services.ExitBootServices();
        });
        machine.Run(Machine.Parked, services => services.ExitBootServices());
        machine.Run(Machine.First, services => services.ExitBootServices());
        Assert.Equal(["parked"], called);
    }

    [Fact]
    public void EventServices_WithBadArguments_AnswerAsTheFirmware()
    {
        var machine = new Machine();
        EfiStatus[] answers = [];
        machine.Run(Machine.Parked, services =>
        {
            Event created;
            answers =
            [
                services.Boot->CreateEvent(EventType.Timer, Tpl.Callback, null, null, null),
                services.Boot->CreateEvent(EventType.NotifySignal, Tpl.Callback, null, null, &created),
                services.Boot->CreateEventEx(EventType.NotifySignal, Tpl.HighLevel, &Notifications.Run, null, null, &created),
            ];
            return EfiStatus.Aborted;
        });
        Assert.All(answers, answer => Assert.Equal(EfiStatus.InvalidParameter, answer));
    }
}

using System.Linq;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Emulators;
using Switcher.Runner.Guests;
using Xunit;

namespace Switcher.Tests.Scenarios.SmallGuests;

/// <summary>
/// Promise 7: a loader that starts again has its keyboard too, on the controller that it was read from: loaders have menus.
/// </summary>
public sealed class UsbKeyboardTests
{
    [SkippableFact]
    public Task Promise7_LoaderThatStartsAgain_ReadsFromTheUsbKeyboard()
    {
        GuestSpec typing = SmallGuest.Of("b", "check", "reset:acpi");
        MachinePlan plan = TestRig.QemuSvm.Plan(
            2, SmallGuest.Of("a", "suspend,check"), typing with { Options = $"{typing.Options} key=1" });
        return TestRig.QemuSvm.DriveAsync(plan with { SystemTransport = DiskTransport.Usb }, async (small, cancel) =>
        {
            await TypeAsync(small, "a", cancel);
            await small.NextAsync("b to end", line => line.Is("INFO", "ended") && line["reason"] == "reset", cancel);
            await TypeAsync(small, "b", cancel);
            await small.AwakeAsync("a", cancel);
        });
    }

    private static async Task TypeAsync(SmallMachine small, string key, CancellationToken cancel)
    {
        await small.NextAsync("the loader to wait for a key", line => line.Is("GUEST", "awaits-key"), cancel);
        var code = new JsonObject { ["type"] = "qcode", ["data"] = key };
        await ((Qemu)small.Machine.Emulator).ExecuteAsync("send-key", cancel, new JsonObject { ["keys"] = new JsonArray(code) });
        LogLine line = await small.NextAsync("the key to come", line => line.Is("GUEST", "key"), cancel);
        Assert.Equal(key.Single(), (char)line.Number("character")!);
    }
}

using System.Globalization;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Guests;
using Xunit;

namespace Switcher.Tests.Scenarios;

/// <summary>
/// Promise 2 for the firmware's ACPI NVS memory: at its real address each system finds what it left there itself, and what AML hands to
/// the machine through it arrives.
/// </summary>
public sealed class AcpiNvsTests
{
    /// <summary>Bytes of the DIMM's label area: no default of anybody's.</summary>
    private const int LabelBytes = 192 << 10;

    /// <summary>OVMF has ACPI NVS here, which it uses early in its start only (its build keeps 810000h to 900000h for S3).</summary>
    private const ulong Place = 0x8F_0000;

    /// <summary>
    /// The DIMM's AML writes the question into ACPI NVS and that memory's address into a port; the machine reads it and answers there.
    /// </summary>
    [Fact]
    public Task Nvdimm_AskedThroughAcpiNvs_AnswersInEveryGuest() => Scenario.RunAsync(
        new MachinePlan([GuestSpec.DebianCloud, GuestSpec.DebianFull])
        {
            EmulatorArguments =
            [
                "-machine", "nvdimm=on", "-m", "2048,slots=1,maxmem=4G", "-object", "memory-backend-ram,id=dimm,size=64M",
                "-device", string.Create(CultureInfo.InvariantCulture, $"nvdimm,memdev=dimm,label-size={LabelBytes}"),
            ],
        },
        async (machine, cancel) =>
        {
            await machine.Agent("debian-cloud").ReadyAsync(cancel);
            string active = "debian-cloud";
            for (int i = 0; i < 4; i++)
            {
                Assert.Equal(LabelBytes, (await machine.Agent(active).AskAsync("nvdimm", cancel)).Number("bytes"));
                string other = active == "debian" ? "debian-cloud" : "debian";
                await machine.SwitchAsync(active, other, cancel);
                active = other;
            }
        });

    [Fact]
    public Task Promise2_AcpiNvs_HoldsWhatTheActiveGuestLeftThere() => Scenario.RunAsync(
        new MachinePlan([GuestSpec.DebianFull, GuestSpec.DebianFull])
        {
            // Otherwise Linux keeps its programs away from this memory.
            SetupLines = [Options(1), Options(2)],
        },
        async (machine, cancel) =>
        {
            await machine.Agent("debian").ReadyAsync(cancel);
            string firmware = await TouchAsync(machine, "debian", "", cancel);
            await TouchAsync(machine, "debian", " 1111", cancel);
            await machine.SwitchAsync("debian", "debian-2", cancel);
            Assert.Equal(firmware, await TouchAsync(machine, "debian-2", "", cancel));
            await TouchAsync(machine, "debian-2", " 2222", cancel);
            await machine.SwitchAsync("debian-2", "debian", cancel);
            Assert.Equal(Hex(1111), await TouchAsync(machine, "debian", "", cancel));

            // Begun again, a guest finds what the firmware has there.
            await machine.SwitchAsync("debian", "debian-2", cancel);
            Assert.Equal(Hex(2222), await TouchAsync(machine, "debian-2", "", cancel));
            await machine.RestartAsync("debian-2", "reboot acpi", "reset", cancel);
            Assert.Equal(firmware, await TouchAsync(machine, "debian-2", "", cancel));
            await machine.SwitchAsync("debian-2", "debian", cancel);
            Assert.Equal(Hex(1111), await TouchAsync(machine, "debian", "", cancel));
        });

    /// <summary>Reads a word of ACPI NVS, or writes it.</summary>
    private static async Task<string> TouchAsync(Machine machine, string guest, string value, CancellationToken cancel) =>
        (await machine.Agent(guest).AskAsync($"devmem {Place} 1{value}", cancel))["first"];

    private static string Hex(int value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:x}");

    private static string Options(int guest) => $"guest 000{guest} options={DebianGuest.DefaultOptions} iomem=relaxed";
}

using CsCheck;
using Switcher.Tests.Hv.Machine;
using Xunit;

namespace Switcher.Tests.Hv.Switch;

/// <summary>Any number of guests and CPUs, any order of events, any order in which the CPUs get around to them.</summary>
public class GuestLifeTests
{
    private static readonly Gen<MachineOptions> s_machines = Gen.Select(Gen.Int[2, 5], Gen.Int[1, 4], Gen.Bool, Gen.Bool,
        (guests, cpus, hasNextRipSave, hasPm1b) => new MachineOptions
        {
            Guests = guests,
            Cpus = cpus,
            HasNextRipSave = hasNextRipSave,
            HasPm1b = hasPm1b,
        });

    [Theory]
    [InlineData(null)]
    [InlineData(VmxModels.SkylakeX)]
    [InlineData(VmxModels.IvyBridge)]
    public void Guests_AnySequenceOfEvents_KeepTheirPromises(string? vmxModel) =>
        Gen.Select(s_machines.Select(options => options with { VmxModel = vmxModel }), Gen.Int, LifeEvent.Any.Array[1, 60])
            .Sample((options, seed, events) =>
        {
            using var life = new GuestLife(options, seed);
            foreach (LifeEvent what in events)
            {
                if (!life.Happen(what))
                    break;
            }
            life.Finish();
        }, iter: 100);
}

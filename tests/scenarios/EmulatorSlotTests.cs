using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace Switcher.Tests.Scenarios;

public sealed class EmulatorSlotTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("switcher-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    [Trait("Lane", "fast")]
    public async Task EmulatorSlot_AllAreTaken_TheNextWaitsUntilOneIsGivenBack()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        EmulatorSlot first = await EmulatorSlot.TakeAsync(_folder, 2, limit.Token);
        using EmulatorSlot second = await EmulatorSlot.TakeAsync(_folder, 2, limit.Token);
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => EmulatorSlot.TakeAsync(_folder, 2, soon.Token));

        Task<EmulatorSlot> third = EmulatorSlot.TakeAsync(_folder, 2, limit.Token);
        Assert.False(third.IsCompleted);
        first.Dispose();
        (await third).Dispose();
    }
}

using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Drive;
using Switcher.Runner.Guests;
using Switcher.Runner.Prepare;

namespace Switcher.Tests.Scenarios;

/// <summary>Debian's <c>efibootmgr</c>, run by a guest from the system partition.</summary>
internal static class Efibootmgr
{
    private const string Linker = "ld-linux-x86-64.so.2";
    private const string Tools = $"{SystemPartition.Folder}/tools";

    private const string Run = $"{SystemPartition.Mount}; {Tools}/{Linker} --library-path {Tools} {Tools}/efibootmgr -v; "
        + $"umount {SystemPartition.Folder}";

    private static readonly string[] s_libraries = [Linker, "libc.so.6", "libefiboot.so.1", "libefivar.so.1"];

    /// <summary>A guest that brings it along, for itself and for those that share its machine.</summary>
    public static Guest AddTo(Guest guest, Cache cache)
    {
        var files = new Dictionary<string, string>(guest.Files) { [@"\tools\efibootmgr"] = cache.InRoot("usr", "bin", "efibootmgr") };
        foreach (string library in s_libraries)
            files[$@"\tools\{library}"] = cache.InRoot("usr", "lib", "x86_64-linux-gnu", library);
        return guest with { Files = files };
    }

    /// <summary>What <c>efibootmgr -v</c> prints; efivarfs is mounted.</summary>
    public static Task<IReadOnlyList<string>> ListAsync(Machine machine, string guest, CancellationToken cancel) =>
        GuestShell.RunAsync(machine, guest, Run, cancel);
}

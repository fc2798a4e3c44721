using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Images;
using Switcher.Runner.Prepare;

namespace Switcher.Runner.Guests;

/// <summary>Turns guests as the command line names them into guests with files, disks and boot options.</summary>
/// <param name="cache">The unpacked packages.</param>
/// <param name="agent">The agent's program file.</param>
/// <param name="folder">Where images are made.</param>
/// <param name="transports">How the Debian guests' disks are attached: the first guest's by the first of them, and so on around.</param>
/// <param name="options">The Debian guests' kernel options.</param>
/// <param name="interactive">Whether Debian guests have a shell on the console.</param>
public sealed class GuestFactory(Cache cache, string agent, string folder, IReadOnlyList<DiskTransport> transports, string options,
    bool interactive)
{
    /// <summary>How the disk is attached that the firmware boots from.</summary>
    public DiskTransport SystemTransport { get; init; } = DiskTransport.Ahci;

    /// <summary>Builds all guests.</summary>
    /// <exception cref="RunnerException">A file is missing, or two guests have the same name.</exception>
    public async Task<IReadOnlyList<Guest>> BuildAsync(IReadOnlyList<GuestSpec> given, CancellationToken cancel)
    {
        IReadOnlyList<GuestSpec> specs = Numbered(given);
        if (specs.CountBy(spec => spec.Name).FirstOrDefault(pair => pair.Value > 1) is { Key: { } twice })
            throw new RunnerException($"two guests are named {twice}");
        var guests = new List<Guest>();
        int withAgent = 0;
        foreach (GuestSpec spec in specs)
        {
            if (spec.Debian is { } flavour)
            {
                DiskTransport transport = transports[withAgent++ % transports.Count];
                var debian = new DebianGuest(spec.Name, flavour, transport)
                {
                    Options = options,
                    Interactive = interactive,
                    SystemTransport = SystemTransport,
                };
                guests.Add(await debian.BuildAsync(cache, agent, folder, cancel));
            }
            else
            {
                guests.Add(FromPath(spec));
            }
        }

        return guests;
    }

    /// <summary>The same Debian asked for again becomes <c>debian-2</c>, <c>debian-3</c>, ...</summary>
    private static List<GuestSpec> Numbered(IReadOnlyList<GuestSpec> given)
    {
        var numbered = new List<GuestSpec>();
        foreach (GuestSpec spec in given)
        {
            int before = spec.Debian is null ? 0 : given.Take(numbered.Count).Count(other => other.Debian == spec.Debian);
            numbered.Add(before == 0 ? spec : spec with { Name = $"{spec.Name}-{before + 1}" });
        }

        return numbered;
    }

    /// <summary>
    /// A guest that somebody else made: its loader is copied to the system partition, or stays where it is on its own disk.
    /// </summary>
    private static Guest FromPath(GuestSpec spec)
    {
        string efi = spec.Efi!;
        var files = new Dictionary<string, string>();
        var settings = new List<string>();
        string loader;
        if (efi[0] == '\\')
        {
            Guid partition = PartitionFinder.FirstFatPartition(Existing(spec.Disk!));
            loader = $"{{{Convert.ToHexStringLower(partition.ToByteArray())}}}{efi}";
        }
        else
        {
            loader = $@"\EFI\{spec.Name}\{Path.GetFileName(efi)}";
            files[loader] = Existing(efi);
        }

        if (spec.Memory is not null)
            settings.Add($"memory={spec.Memory}");
        if (spec.Initrd is not null)
        {
            string initrd = $@"\EFI\{spec.Name}\{Path.GetFileName(spec.Initrd)}";
            files[initrd] = Existing(spec.Initrd);
            settings.Add($"initrd={initrd}");
        }

        return new Guest(spec.Name, loader, spec.Options ?? "", HasAgent: false)
        {
            Files = files,
            Settings = settings,
            Disk = spec.Disk is null ? null : new AttachedDisk(Existing(spec.Disk), DiskTransport.Ahci),
        };
    }

    private static string Existing(string path)
        => File.Exists(path) ? Path.GetFullPath(path) : throw new RunnerException($"{path} does not exist");
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Switcher.Runner.Processes;

namespace Switcher.Runner.Prepare;

/// <summary>
/// The machine's own apt with a state of its own: it needs no root and changes nothing outside the cache. The machine's settings (proxies,
/// credentials, certificates) still hold; its package lists, sources and installed packages are not looked at.
/// </summary>
/// <param name="folder">Where apt keeps its lists and the configuration.</param>
public sealed class PrivateApt(string folder)
{
    private const string Helper = "/usr/lib/apt/apt-helper";

    /// <summary>Given to apt with -c, so that it is read after the machine's own and prevails; APT_CONFIG would be read before.</summary>
    private string Configuration => Path.Combine(folder, "apt.conf");

    /// <summary>Says in one line what this machine lacks, or null when apt and dpkg are here.</summary>
    public static string? Missing()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists(Helper) || !File.Exists("/usr/bin/apt-get"))
            return "the emulators are fetched with apt, which is not here: use Debian or Ubuntu on x86-64";
        return File.Exists("/usr/bin/dpkg") ? null : "packages are unpacked with dpkg, which is not here: install the package dpkg";
    }

    /// <summary>Sources that the machine's own configuration names, whether their lists were ever fetched or not.</summary>
    public static async Task<IReadOnlyList<AptSource>> MachineSourcesAsync(CancellationToken cancel)
    {
        string output = await new Command(
            "apt-get", "-o", "APT::Get::IndexTargets::ReleaseInfo=0", "indextargets",
            "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages")
                .RunOrThrowAsync("read the apt configuration", cancel);
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(AptSource.Parse).OfType<AptSource>().Distinct()];
    }

    /// <summary>Writes the configuration and, where <paramref name="sources"/> is given, the one list of sources to use.</summary>
    public void Configure(string? sources)
    {
        Directory.CreateDirectory(Path.Combine(folder, "lists", "partial"));
        Directory.CreateDirectory(Path.Combine(folder, "archives", "partial"));
        File.WriteAllText(Path.Combine(folder, "status"), "");
        if (sources is not null)
            File.WriteAllText(Path.Combine(folder, "sources.list"), sources);
        string configuration = $"""
            Dir::State "{folder}";
            Dir::State::lists "{folder}/lists";
            Dir::State::status "{folder}/status";
            Dir::Cache "{folder}";
            Dir::Cache::archives "{folder}/archives";
            Dir::Cache::pkgcache "";
            Dir::Cache::srcpkgcache "";
            APT::Sandbox::User "";
            APT::Architecture "amd64";
            #clear APT::Architectures;
            APT::Architectures "amd64";
            #clear APT::Update::Post-Invoke;
            #clear APT::Update::Post-Invoke-Success;
            #clear DPkg::Post-Invoke;
            Acquire::Retries "3";
            Acquire::Languages "none";
            Acquire::ForceHash "SHA256";
            Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";

            """;
        if (sources is not null)
            configuration += $"Dir::Etc::sourcelist \"{folder}/sources.list\";\nDir::Etc::sourceparts \"/dev/null\";\n";
        File.WriteAllText(Configuration, configuration);
    }

    /// <summary>Runs apt-get under the private configuration.</summary>
    /// <exception cref="RunnerException">It failed: the message ends with apt's own reason.</exception>
    public Task<string> GetAsync(string purpose, IReadOnlyList<string> arguments, CancellationToken cancel) =>
        new Command("apt-get", ["-c", Configuration, .. arguments]) { WorkingDirectory = folder }.RunOrThrowAsync(purpose, cancel);

    /// <summary>Fetches one file, going on where an earlier try broke off.</summary>
    /// <returns>Null, or the reason why it did not work; the file is there only if its SHA-256 is the one asked for.</returns>
    public async Task<string?> DownloadAsync(string address, string target, string sha256, CancellationToken cancel)
    {
        CommandResult result =
            await new Command(Helper, "-c", Configuration, "-q", "download-file", address, target, $"SHA256:{sha256}").RunAsync(cancel);
        if (result.ExitCode == 0)
            return null;
        File.Delete(target + ".FAILED");
        string[] errors = [.. result.Error.Split('\n').Where(line => line.StartsWith("E: ", StringComparison.Ordinal))];
        return errors.Length == 0 ? result.Reason : errors[0][3..];
    }
}

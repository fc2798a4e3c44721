using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;
using Switcher.Ctl;
using Switcher.Ctl.Live;

namespace Switcher.Tests.Ctl;

/// <summary>A directory that looks like a Linux, on which command lines are run.</summary>
internal sealed class FakeLinux : IInodeFlags, IPrograms, IDisposable
{
    private const int Immutable = 0x10;
    private const string Efivars = "sys/firmware/efi/efivars";

    private readonly string _root = Directory.CreateTempSubdirectory("switcher-ctl-").FullName;
    private readonly Dictionary<string, int> _flags = [];
    private string _mounts = "";
    private string _variables = "";

    /// <summary>Made of nothing but a firmware and its mounted variables.</summary>
    public FakeLinux()
    {
        Directory.CreateDirectory(Path.Join(_root, Efivars));
        Mount("rw,nosuid,relatime");
    }

    public bool IsRoot { get; set; } = true;

    /// <summary>What a program says, if it fails.</summary>
    public string? Complaint { get; set; }

    /// <summary>Whether the kernel lets flags be changed.</summary>
    public bool HasFlagsLocked { get; set; }

    /// <summary>What was run, and which flags were set, in their order.</summary>
    public List<string> Events { get; } = [];

    public void Dispose() => Directory.Delete(_root, recursive: true);

    public (int Exit, string Output, string Errors) Run(params string[] arguments)
    {
        using StringWriter output = new();
        using StringWriter errors = new();
        Host host = new(new LinuxFiles(_root), this, this, IsRoot);
        return (Program.Run(arguments, new Session(host, output, errors)), output.ToString(), errors.ToString());
    }

    public void Mount(string? options)
    {
        _variables = options == null ? "" : $"efivarfs /{Efivars} efivarfs {options} 0 0\n";
        PutMounts();
    }

    /// <summary>A disk with a GPT whose partitions are mounted, each as <c>place type options</c>.</summary>
    public void PutDisk(string name, int blockBytes, params (string Place, Guid Type, string Options)[] partitions)
    {
        byte[] disk = new byte[(2 * blockBytes) + (128 * 128)];
        Span<byte> header = disk.AsSpan(blockBytes);
        "EFI PART"u8.CopyTo(header);
        (header[72], header[80], header[84]) = (2, 128, 128);
        for (int i = 0; i < partitions.Length; i++)
        {
            Span<byte> entry = disk.AsSpan((2 * blockBytes) + (i * 128));
            partitions[i].Type.TryWriteBytes(entry);
            PartitionId(name, i + 1).TryWriteBytes(entry[16..]);
            (entry[33], entry[40], entry[41]) = ((byte)(8 * (i + 1)), 0xFF, (byte)((8 * (i + 1)) + 7));
            Put($"sys/block/{name}/{name}{i + 1}/partition", $"{i + 1}\n");
            _mounts += $"/dev/{name}{i + 1} {partitions[i].Place} vfat {partitions[i].Options} 0 0\n";
            Directory.CreateDirectory(Path.Join(_root, partitions[i].Place));
        }
        Put($"sys/block/{name}/queue/logical_block_size", $"{blockBytes}\n");
        Put($"dev/{name}", disk);
        PutMounts();
    }

    /// <summary>The GUID of a partition of such a disk.</summary>
    public static Guid PartitionId(string disk, int number) => new(number, 1, 2, 3, 4, 5, 6, 7, 8, 9, (byte)disk[^1]);

    /// <summary>What all of the firmware's variables are, and all files of a folder.</summary>
    public SortedDictionary<string, string> Snapshot(params string[] folders)
    {
        SortedDictionary<string, string> files = new(StringComparer.Ordinal);
        foreach (string folder in (string[])[Efivars, .. folders])
        {
            foreach (string file in Directory.GetFiles(Path.Join(_root, folder), "*", SearchOption.AllDirectories))
                files[Path.GetRelativePath(_root, file)] = Convert.ToHexString(File.ReadAllBytes(file));
        }
        return files;
    }

    /// <summary>A variable of the firmware's, its attributes first, or null.</summary>
    public byte[]? FirmwareVariable(string name)
    {
        string path = Path.Join(_root, Efivars, $"{name}-{EfiVariables.GlobalVendor}");
        return File.Exists(path) ? File.ReadAllBytes(path) : null;
    }

    /// <summary>A variable of the firmware's that outlasts the boot.</summary>
    public void PutFirmwareVariable(string name, params ReadOnlySpan<byte> value) =>
        Put($"{Efivars}/{name}-{EfiVariables.GlobalVendor}", [7, 0, 0, 0, .. value]);

    /// <summary>A file that cannot be written to, as on a full disk.</summary>
    public void FillFile(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Join(_root, path))!);
        File.CreateSymbolicLink(Path.Join(_root, path), "/dev/full");
    }

    public void Put(string path, string text) => Put(path, Encoding.UTF8.GetBytes(text));

    public void PutVariable(string name, params ReadOnlySpan<byte> value) =>
        Put($"{Efivars}/{name}-{EfiVariables.SwitcherVendor}", [7, 0, 0, 0, .. value]);

    public void PutVariable(string name, string text) => PutVariable(name, Encoding.UTF8.GetBytes(text));

    public void Delete(string path)
    {
        if (Directory.Exists(Path.Join(_root, path)))
            Directory.Delete(Path.Join(_root, path), recursive: true);
        else
            File.Delete(Path.Join(_root, path));
    }

    /// <summary>A variable of Switcher's, its attributes first, or null.</summary>
    public byte[]? Variable(string name)
    {
        string path = Path.Join(_root, Efivars, $"{name}-{EfiVariables.SwitcherVendor}");
        return File.Exists(path) ? File.ReadAllBytes(path) : null;
    }

    public bool Exists(string path) => File.Exists(Path.Join(_root, path)) || Directory.Exists(Path.Join(_root, path));

    public byte[] Bytes(string path) => File.ReadAllBytes(Path.Join(_root, path));

    public string Text(string path) => File.ReadAllText(Path.Join(_root, path));

    /// <summary>A write to this variable fails as it does where a firmware is full.</summary>
    public void Fill(string name) =>
        File.CreateSymbolicLink(Path.Join(_root, Efivars, $"{name}-{EfiVariables.SwitcherVendor}"), "/dev/full");

    /// <summary>The variable is protected, as efivarfs does it.</summary>
    public void Freeze(string name) => _flags[Path.Join(_root, Efivars, $"{name}-{EfiVariables.SwitcherVendor}")] = Immutable | 0x80000;

    /// <summary>Boot options in the firmware's order: labels of loaders on one disk, from number 1 on.</summary>
    public void PutOptions(params string[] labels)
    {
        List<byte> order = [];
        for (int i = 0; i < labels.Length; i++)
        {
            byte[] file = [.. Encoding.Unicode.GetBytes($"\\EFI\\{i}\\grubx64.efi"), 0, 0];
            byte[] nodes = [4, 1, 42, 0, .. new byte[38], 4, 4, (byte)(4 + file.Length), 0, .. file, 0x7F, 0xFF, 4, 0];
            PutFirmwareVariable($"Boot{i + 1:X4}",
                [1, 0, 0, 0, (byte)nodes.Length, 0, .. Encoding.Unicode.GetBytes(labels[i]), 0, 0, .. nodes]);
            order.AddRange([(byte)(i + 1), 0]);
        }
        PutFirmwareVariable("BootOrder", [.. order]);
    }

    /// <summary>A Switcher that runs, with systems <c>label state</c> from number 1 on.</summary>
    public void PutStatus(string machine, params string[] systems)
    {
        StringBuilder text = new("version=Switcher 1.2.3\nbackend=vmx\nswitches=0\n");
        text.Append(machine);
        for (int i = 0; i < systems.Length; i++)
        {
            int blank = systems[i].LastIndexOf(' ');
            (string label, string state) = (systems[i][..blank], systems[i][(blank + 1)..]);
            text.Append(CultureInfo.InvariantCulture, $"guest={i + 1:X4} state={state} sleep=switch restarts=0 exits=0 ")
                .Append(CultureInfo.InvariantCulture, $"bytes=2147483648 ranges= name=\"{label}\"\n");
        }
        Put($"{Efivars}/SwitcherStatus-{EfiVariables.SwitcherVendor}", [6, 0, 0, 0, .. Encoding.UTF8.GetBytes(text.ToString())]);
    }

    /// <summary>A kernel that can suspend.</summary>
    public void PutSleep(string kinds)
    {
        Put("sys/power/state", "freeze mem disk\n");
        Put("sys/power/mem_sleep", kinds);
    }

    int? IInodeFlags.Read(string path) => _flags.TryGetValue(path, out int flags) ? flags : null;

    bool IInodeFlags.TryWrite(string path, int flags)
    {
        if (HasFlagsLocked)
            return false;
        _flags[path] = flags;
        Events.Add((flags & Immutable) != 0 ? "frozen" : "thawed");
        return true;
    }

    string? IPrograms.Run(string program, params string[] arguments)
    {
        Events.Add($"{program} {string.Join(' ', arguments)}");
        return Complaint;
    }

    public void Put(string path, byte[] bytes)
    {
        string full = Path.Join(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllBytes(full, bytes);
    }

    private void PutMounts() => Put("proc/mounts", $"proc /proc proc rw 0 0\n{_variables}{_mounts}");
}

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

    public void Mount(string? options) => Put("proc/mounts", "proc /proc proc rw 0 0\n"
        + (options == null ? "" : $"efivarfs /{Efivars} efivarfs {options} 0 0\n"));

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
            Put($"{Efivars}/Boot{i + 1:X4}-{EfiVariables.GlobalVendor}",
                [7, 0, 0, 0, 1, 0, 0, 0, (byte)nodes.Length, 0, .. Encoding.Unicode.GetBytes(labels[i]), 0, 0, .. nodes]);
            order.AddRange([(byte)(i + 1), 0]);
        }
        Put($"{Efivars}/BootOrder-{EfiVariables.GlobalVendor}", [7, 0, 0, 0, .. order]);
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
        PutVariable("SwitcherStatus", text.ToString());
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

    private void Put(string path, byte[] bytes)
    {
        string full = Path.Join(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllBytes(full, bytes);
    }
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Switcher.Boot.Image;
using Switcher.Ctl.Live;
using Switcher.Ctl.Settings;
using Switcher.Ctl.Systems;

namespace Switcher.Ctl.Install;

/// <summary>What has to change until Switcher is on a system partition and first in the firmware's order, and until it is gone.</summary>
public sealed class InstallPlan
{
    private const string SettingPrefix = "Switcher";

    private readonly Host _host;
    private readonly EfiStore _firmware;
    private readonly List<Change> _changes = [];

    private InstallPlan(Host host)
    {
        _host = host;
        _firmware = new EfiStore(host, EfiVariables.GlobalVendor);
    }

    /// <summary>What there is to change, in its order; nothing if all is as it should be.</summary>
    public IReadOnlyList<Change> Changes => _changes;

    /// <summary>
    /// Copies the image, if it is another, gives it a boot option and puts that first. Other options stay, in their order.
    /// </summary>
    /// <param name="host">The Linux.</param>
    /// <param name="esp">Where to.</param>
    /// <param name="image">Switcher.efi; null to leave what is there.</param>
    public static InstallPlan ToInstall(Host host, SystemPartition esp, byte[]? image)
    {
        InstallPlan plan = new(host);
        if (image != null && !image.AsSpan().SequenceEqual(host.Files.ReadBytes(esp.Loader)))
            plan.Copy(esp, image);
        byte[] value = SwitcherOption.Make(esp.Partition);
        SwitcherOption? existing = SwitcherOption.FindAll(host.Files).FirstOrDefault(option => option.IsOn(esp.Partition));
        ushort number = existing?.Number ?? FirstFree(host.Files);
        if (existing == null || !existing.Value.AsSpan().SequenceEqual(value))
            plan.Write(SwitcherOption.VariableOf(number), value, $"\"{SwitcherOption.Label}\", {esp.Loader}");
        plan.Order([number, .. BootOrder.Read(host.Files).Where(other => other != number)]);
        return plan;
    }

    /// <summary>Takes away its boot options and its file from all system partitions that are mounted.</summary>
    /// <param name="host">The Linux.</param>
    /// <param name="keepsSettings">Whether its variables stay.</param>
    public static InstallPlan ToUninstall(Host host, bool keepsSettings)
    {
        InstallPlan plan = new(host);
        IReadOnlyList<SwitcherOption> options = SwitcherOption.FindAll(host.Files);
        plan.Order([.. BootOrder.Read(host.Files).Where(number => options.All(option => option.Number != number))]);
        foreach (SwitcherOption option in options)
            plan.Delete(option.Variable, EfiVariables.GlobalVendor);
        foreach (SystemPartition esp in SystemPartition.Mounted(host.Files).Where(esp => host.Files.Exists(esp.Loader)))
            plan.Remove(esp);
        if (keepsSettings)
            return plan;
        foreach (string name in Settings(host))
            plan.Delete(name, EfiVariables.SwitcherVendor);
        return plan;
    }

    /// <summary>Reads an image, and looks whether a firmware would start it.</summary>
    /// <exception cref="CtlFailure">It is not there, or is none.</exception>
    public static byte[] ReadImage(LinuxFiles files, string path)
    {
        if (files.ReadBytes(path) is not { } bytes)
            throw new CtlFailure(ExitStatus.NoImage, $"There is no {path} that could be read; name Switcher.efi by --image.");
        return PeImage.TryParse(bytes, out PeImage image) == PeStatus.Success && image.Subsystem == PeSubsystem.EfiApplication
            ? bytes
            : throw new CtlFailure(ExitStatus.NoImage, $"{path} is no program for this firmware; name Switcher.efi by --image.");
    }

    /// <summary>Makes all changes, or none.</summary>
    /// <exception cref="CtlFailure">One failed; those before are taken back.</exception>
    public void Run()
    {
        for (int i = 0; i < _changes.Count; i++)
        {
            try
            {
                _changes[i].Make();
            }
            catch (CtlFailure)
            {
                while (--i >= 0)
                    Attempt(_changes[i].Undo);
                throw;
            }
        }
    }

    private static void Attempt(Action undo)
    {
        try
        {
            undo();
        }
        catch (CtlFailure)
        {
            // The failure that is on its way says more.
        }
    }

    private static ushort FirstFree(LinuxFiles files)
    {
        HashSet<ushort> taken = [.. BootMenu.ReadValues(files).Select(option => option.Key), .. BootOrder.Read(files)];
        return (ushort)Enumerable.Range(0, ushort.MaxValue).First(number => !taken.Contains((ushort)number));
    }

    /// <summary>
    /// The variables that outlast the machine's start (the first attribute, UEFI 2.10, 8.2.1 "GetVariable()"): those that the kernel lists,
    /// and those that another system may have made since it did.
    /// </summary>
    private static IEnumerable<string> Settings(Host host)
    {
        const string Suffix = "-" + EfiVariables.SwitcherVendor;
        LinuxFiles files = host.Files;
        EfiStore store = new(host);
        IEnumerable<string> unlisted =
        [
            .. MachineSetting.All.Select(setting => setting.Variable),
            .. BootMenu.Read(files).Select(Configuration.VariableOf),
        ];
        return files.List(EfiVariables.Folder)
            .Where(file => file.StartsWith(SettingPrefix, StringComparison.Ordinal) && file.EndsWith(Suffix, StringComparison.Ordinal))
            .Select(file => file[..^Suffix.Length])
            .Where(name => files.ReadOnce(EfiVariables.PathOf(name, EfiVariables.SwitcherVendor), 4) is [var attributes, ..]
                && (attributes & 1) != 0)
            .Union(unlisted.Where(name => store.Read(name) != null));
    }

    private void Copy(SystemPartition esp, byte[] image)
    {
        byte[]? old = _host.Files.ReadBytes(esp.Loader);
        _changes.Add(new Change(
            $"{esp.Loader}: {(image.Length + 1023) / 1024} KiB",
            () => Touch(esp.Loader, () => _host.Files.Replace(esp.Loader, image)),
            () => Touch(esp.Loader, () => Restore(esp, old))));
    }

    private void Remove(SystemPartition esp)
    {
        byte[]? old = _host.Files.ReadBytes(esp.Loader);
        _changes.Add(new Change(
            $"{esp.Loader}: deleted",
            () => Touch(esp.Loader, () => Restore(esp, null)),
            () => Touch(esp.Loader, () => Restore(esp, old))));
    }

    private void Restore(SystemPartition esp, byte[]? old)
    {
        if (old != null)
        {
            _host.Files.Replace(esp.Loader, old);
            return;
        }
        _host.Files.Delete(esp.Loader);
        _host.Files.DeleteEmpty(esp.Folder);
    }

    private static void Touch(string file, Action action)
    {
        try
        {
            action();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CtlFailure(ExitStatus.NoImage,
                $"{file} could not be changed ({failure.Message}), and nothing was; see whether the partition is full.");
        }
    }

    private void Order(ushort[] numbers)
    {
        if (!BootOrder.Read(_host.Files).SequenceEqual(numbers))
            Write(BootOrder.Variable, BootOrder.ToBytes(numbers), BootOrder.ToText(numbers));
    }

    private void Write(string name, byte[] value, string text) => _changes.Add(new Change(
        $"{name}: {text}",
        () => _firmware.Write(name, value, EfiStore.Lasting),
        Restoring(name, EfiVariables.GlobalVendor)));

    private void Delete(string name, string vendor) => _changes.Add(new Change(
        $"{name}: deleted",
        () => new EfiStore(_host, vendor).Delete(name),
        Restoring(name, vendor)));

    /// <summary>What gives a variable the value that it has now.</summary>
    private Action Restoring(string name, string vendor)
    {
        EfiStore store = new(_host, vendor);
        if (EfiVariables.Read(_host.Files, name, vendor) is not { } old)
            return () => store.Delete(name);
        return () => store.Write(name, old, EfiStore.Lasting);
    }
}

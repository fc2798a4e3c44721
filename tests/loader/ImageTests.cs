using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using Switcher.Efi.Uefi;
using Switcher.Tests.Loader.Firmware;
using Xunit;

namespace Switcher.Tests.Loader;

/// <summary>The image services of a loader (UEFI 2.10, 7.4 "Image Services").</summary>
public unsafe class ImageTests
{
    private static EfiStatus s_verdict;

    [Fact]
    public void Loader_GetsItsOptionsAndItsPlace()
    {
        var machine = new Machine();
        char[] options = ['h', 'i', '\0'];
        fixed (char* text = options)
        {
            machine.Guest(Machine.Parked)->LoadOptions = text;
            machine.Guest(Machine.Parked)->LoadOptionsSize = 6;
            LoadedImage seen = default;
            string copied = "";
            machine.Run(Machine.Parked, services =>
            {
                seen = *(LoadedImage*)machine.Uefi.Handles.Interface((ulong)services.Image.Value, LoadedImage.Protocol)!.Value;
                copied = new string((char*)seen.LoadOptions);
                return EfiStatus.Aborted;
            });
            Assert.Equal("hi", copied);
            Assert.True(Machine.IsIn(Machine.Parked, (ulong)seen.LoadOptions));
            Assert.True(Machine.IsIn(Machine.Parked, (ulong)seen.ImageBase));
            Assert.True(Machine.IsIn(Machine.Parked, (ulong)seen.FilePath));
            Assert.True(Machine.IsIn(Machine.Parked, (ulong)seen.SystemTable));
            Assert.True(seen.DeviceHandle.Value == machine.Volume.Value);
            Assert.Equal(MemoryType.LoaderCode, seen.ImageCodeType);
        }
    }

    [Fact]
    public void Applications_AreUnloadedWhenTheyReturn_DriversWhenTheyFail()
    {
        var machine = new Machine();
        var loaded = new List<bool>();
        machine.Run(Machine.Parked, services =>
        {
            foreach ((bool isDriver, EfiStatus status) in
                new[] { (false, EfiStatus.Success), (false, EfiStatus.Aborted), (true, EfiStatus.Success), (true, EfiStatus.Aborted) })
            {
                services.Load(Machine.Image(_ => status, isDriver), out Handle image);
                services.Start(image);
                loaded.Add(machine.Uefi.Handles.Contains((ulong)image.Value));
            }

            return EfiStatus.Aborted;
        });
        Assert.Equal([false, false, true, false], loaded);
    }

    [Fact]
    public void Images_ThatAreUnloaded_GiveTheirMemoryBack()
    {
        var machine = new Machine();
        string? first = null;
        string? last = null;
        machine.Run(Machine.Parked, services =>
        {
            for (int i = 0; i < 20; i++)
            {
                services.Load(Machine.Image(inner => inner.Exit(inner.Image, EfiStatus.Success)), out Handle image);
                services.Start(image);
                last = string.Join(' ', services.GetMemoryMap(out _)!.ConvertAll(d => $"{d.Type} {d.PhysicalStart:x} {d.NumberOfPages}"));
                first ??= last;
            }

            return EfiStatus.Aborted;
        });
        Assert.Equal(first, last);
    }

    [Fact]
    public void ImageServices_WithBadArguments_AnswerAsUefiSays()
    {
        var machine = new Machine();
        var answers = new List<(EfiStatus Expected, EfiStatus Found)>();
        machine.Run(Machine.Parked, services =>
        {
            BootServices* boot = services.Boot;
            Handle image;
            byte nothing = 0;
            answers.Add((EfiStatus.InvalidParameter, boot->LoadImage(0, services.Image, null, &nothing, 1, null)));
            answers.Add((EfiStatus.InvalidParameter, boot->LoadImage(0, machine.Disk, null, &nothing, 1, &image)));
            answers.Add((EfiStatus.NotFound, boot->LoadImage(0, services.Image, null, null, 0, &image)));
            answers.Add((EfiStatus.NotFound, boot->LoadImage(0, services.Image, Volume.PathOf(machine.Uefi, "\\none"), null, 0, &image)));
            answers.Add((EfiStatus.LoadError, boot->LoadImage(0, services.Image, null, &nothing, 1, &image)));
            answers.Add((EfiStatus.LoadError, boot->LoadImage(0, services.Image, null, &nothing, 0, &image)));
            answers.Add((EfiStatus.InvalidParameter, boot->StartImage(machine.Disk, null, null)));
            answers.Add((EfiStatus.InvalidParameter, boot->StartImage(services.Image, null, null)));
            answers.Add((EfiStatus.InvalidParameter, boot->UnloadImage(machine.Disk)));
            answers.Add((EfiStatus.Unsupported, boot->UnloadImage(services.Image)));
            answers.Add((EfiStatus.InvalidParameter, boot->Exit(machine.Disk, EfiStatus.Success, 0, null)));
            services.Load(Machine.Image(inner =>
            {
                // Its caller is not the one that runs.
                answers.Add((EfiStatus.InvalidParameter, inner.Exit(services.Image, EfiStatus.Success)));
                return EfiStatus.Success;
            }), out image);
            answers.Add((EfiStatus.Success, services.Start(image)));
            answers.Add((EfiStatus.InvalidParameter, services.Start(image)));
            return EfiStatus.Aborted;
        });
        Assert.Equal(13 + 1, answers.Count);
        Assert.All(answers, answer => Assert.Equal(answer.Expected, answer.Found));
    }

    [Fact]
    public void Image_ThatSecureBootForbids_IsLoadedButNotStarted()
    {
        var machine = new Machine();
        Security2Arch* security = machine.Uefi.Make<Security2Arch>();
        security->FileAuthentication = &Authenticate;
        machine.Uefi.Install(Security2Arch.Protocol, security);
        var answers = new List<EfiStatus>();
        bool hasStarted = false;
        s_verdict = EfiStatus.Success;
        machine.Run(Machine.Parked, services =>
        {
            byte[] file = Machine.Image(_ =>
            {
                hasStarted = true;
                return EfiStatus.Success;
            });
            s_verdict = EfiStatus.SecurityViolation;
            answers.Add(services.Load(file, out Handle image));
            answers.Add(services.Start(image));
            answers.Add(services.Unload(image));
            s_verdict = EfiStatus.AccessDenied;
            answers.Add(services.Load(file, out image));
            Assert.True(image.IsNull);
            return EfiStatus.Aborted;
        });
        Assert.Equal([EfiStatus.SecurityViolation, EfiStatus.SecurityViolation, EfiStatus.Success, EfiStatus.AccessDenied], answers);
        Assert.False(hasStarted);
    }

    [Fact]
    public void InitialRamDisk_IsOfferedWhileTheLoaderRuns()
    {
        var machine = new Machine();
        Volume.Add("\\initrd", [1, 2, 3]);
        string before = machine.Uefi.State;
        byte[] found = new byte[3];
        var answers = new List<EfiStatus>();
        fixed (char* path = "\\initrd")
        {
            machine.Guest(Machine.Parked)->InitialRamDisk = path;
            Assert.True(machine.Run(Machine.Parked, services =>
            {
                LoadFile* offer = machine.Boot->Locate<LoadFile>(LoadFile.Protocol2);
                var end = new DevicePath { Type = DevicePathType.End, SubType = 0xFF, LengthLow = 4 };
                nuint size = 0;
                answers.Add(offer->Load(offer, &end, 0, &size, null));
                answers.Add(offer->Load(offer, &end, 1, &size, null));
                answers.Add(offer->Load(offer, null, 0, &size, null));
                fixed (byte* buffer = found)
                    answers.Add(offer->Load(offer, &end, 0, &size, buffer));
                return services.ExitBootServices();
            }));
        }

        Assert.Equal([EfiStatus.BufferTooSmall, EfiStatus.Unsupported, EfiStatus.InvalidParameter, EfiStatus.Success], answers);
        Assert.Equal([1, 2, 3], found);
        Assert.Equal(before, machine.Uefi.State);
    }

    [UnmanagedCallersOnly]
    private static EfiStatus Authenticate(Security2Arch* self, DevicePath* path, void* file, nuint size, byte bootPolicy) => s_verdict;
}

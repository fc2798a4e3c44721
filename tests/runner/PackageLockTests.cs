using System.Collections.Generic;
using System.Linq;
using Switcher.Runner;
using Switcher.Runner.Prepare;
using Xunit;

namespace Switcher.Tests.Runner;

public class PackageLockTests
{
    private const string Digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Fact]
    public void PackageLock_Formatted_IsReadBack()
    {
        var pins = new PackageLock(
        [
            new PinnedPackage(["linker", "qemu"], "libc6", "2.41-12", 2846580, Digest, "pool/main/g/glibc/libc6_2.41-12_amd64.deb"),
            new PinnedPackage(["guests"], "mtools", "4.0.48-1", 198228, Digest, "pool/main/m/mtools/mtools_4.0.48-1_amd64.deb"),
        ]);
        PackageLock read = PackageLock.Parse("# heading\n\n" + pins.Format());
        Assert.Equal(pins.Format(), read.Format());
        Assert.Equal(pins.Digest, read.Digest);
        Assert.Equal(["libc6"], read.Of("qemu").Select(package => package.Name));
        Assert.Equal("mtools_4.0.48-1_amd64.deb", read.Packages[1].FileName);
    }

    [Theory]
    [InlineData("qemu libc6 2.41", "6 fields expected, 3 found")]
    [InlineData("qemu libc6 2.41 -5 " + Digest + " pool/x.deb", "'-5' is no size")]
    [InlineData("qemu libc6 2.41 5 abc pool/x.deb", "'abc' is no SHA-256")]
    [InlineData("qemu libc6 2.41 5 " + Digest + " /etc/passwd", "is no path below a mirror")]
    [InlineData("qemu libc6 2.41 5 " + Digest + " pool/../../x.deb", "is no path below a mirror")]
    public void PackageLock_BadLine_IsNamedWithItsNumber(string line, string reason)
    {
        RunnerException error = Assert.Throws<RunnerException>(() => PackageLock.Parse("# heading\n" + line));
        Assert.StartsWith("packages.lock, line 2: ", error.Message);
        Assert.Contains(reason, error.Message);
    }

    [Fact]
    public void Pins_OfTheProject_HaveWhatEverySetNeeds()
    {
        PackageLock pins = Pins.Read();
        Assert.Contains("lld-19", Names("linker"));
        Assert.Superset(new HashSet<string> { "qemu-system-x86", "ovmf", "libc6" }, Names("qemu"));
        Assert.Superset(
            new HashSet<string> { "mtools", "e2fsprogs", "kmod", "busybox-static", "systemd-boot-efi", "grub-efi-amd64-signed" },
            Names("guests"));
        Assert.Equal(2, Names("guests").Count(name => name.StartsWith("linux-image-")));
        Assert.Single(Names("older-kernel"), name => name.StartsWith("linux-image-"));
        Assert.Contains("bochs", Names("bochs"));

        HashSet<string> Names(string set) => [.. pins.Of(set).Select(package => package.Name)];
    }

    [Fact]
    public void Archive_WhatAptPrints_GivesPackages()
    {
        const string pool = "http://mirror.example/debian/pool/main/l/lld";
        const string printed = $"""
            Reading package lists...
            '{pool}/lld-19_19.1.7-3%2bb1_amd64.deb' lld-19_1%3a19.1.7-3+b1_amd64.deb 1374952 SHA256:{Digest}
            """;
        PinnedPackage package = Assert.Single(Archive.ParseUris(printed, "http://mirror.example/debian/"));
        Assert.Equal(("lld-19", "1:19.1.7-3+b1", 1374952L), (package.Name, package.Version, package.Size));
        Assert.Equal("pool/main/l/lld/lld-19_19.1.7-3%2bb1_amd64.deb", package.PoolPath);
    }

    [Theory]
    [InlineData("linux-image-6.12.107+deb13-amd64", true)]
    [InlineData("linux-image-6.12.107+deb13-cloud-amd64", true)]
    [InlineData("linux-image-amd64", false)]
    [InlineData("linux-base", false)]
    [InlineData("busybox-static", true)]
    public void PackageSet_OfGuests_WantsRealKernelsOnly(string package, bool wanted) =>
        Assert.Equal(wanted, PackageSet.Guests.WantsFilesOf(package));
}

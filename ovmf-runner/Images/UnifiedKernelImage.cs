using System;
using System.Text;

namespace Switcher.Runner.Images;

/// <summary>A unified kernel image: systemd's stub with kernel, initial root file system and command line in one EFI program
/// (UAPI group, "Unified Kernel Image").</summary>
public static class UnifiedKernelImage
{
    /// <summary>Builds the image.</summary>
    /// <param name="stub">systemd's <c>linuxx64.efi.stub</c>.</param>
    /// <param name="kernel">A kernel with an EFI stub (<c>vmlinuz</c>).</param>
    /// <param name="initrd">The initial root file system.</param>
    /// <param name="commandLine">The kernel's command line.</param>
    public static byte[] Build(ReadOnlySpan<byte> stub, ReadOnlySpan<byte> kernel, ReadOnlySpan<byte> initrd, string commandLine)
    {
        var image = new PeFile(stub);
        image.AppendSection(".osrel", "ID=switcher-guest\nPRETTY_NAME=\"Switcher test guest\"\n"u8);
        image.AppendSection(".cmdline", Encoding.UTF8.GetBytes(commandLine));
        image.AppendSection(".initrd", initrd);

        // The kernel is last: a stub that runs it in place may use the memory behind it.
        image.AppendSection(".linux", kernel);
        return image.ToArray();
    }
}

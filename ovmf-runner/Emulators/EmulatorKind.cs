namespace Switcher.Runner.Emulators;

/// <summary>The emulators that machines can run in.</summary>
public enum EmulatorKind
{
    /// <summary>Fast, and a q35 machine; translated, it has SVM only.</summary>
    Qemu,

    /// <summary>
    /// VMX as well as SVM, and strict about what the CPU is told; slower, and an older machine (i440FX with PIIX3 and PIIX4).
    /// </summary>
    Bochs,
}

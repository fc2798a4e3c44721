using System.Collections.Generic;
using System.Runtime.InteropServices;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Loader.Firmware;

/// <summary>The console: UEFI 2.10, chapter 12 "Protocols - Console Support". It has the one mode that every console has.</summary>
internal sealed unsafe partial class FakeFirmware
{
    private const ushort Escape = 0x17;

    /// <summary>After an hour in which nobody answers, somebody presses Escape: a test must end.</summary>
    private const ulong Patience = 3600UL * 1_000_000;

    /// <summary>Lines on the console.</summary>
    public List<string> Console { get; } = [];

    /// <summary>Keys that are pressed, one at each question; null for none yet.</summary>
    public Queue<InputKey?> Keys { get; } = new();

    /// <summary>Columns and rows of the console.</summary>
    public (int Columns, int Rows) Mode { get; set; } = (80, 25);

    /// <summary>Somebody types, once the program has looked for keys and found none.</summary>
    public void Type(string characters, params ushort[] scanCodesBefore)
    {
        Keys.Enqueue(null);
        foreach (ushort code in scanCodesBefore)
            Keys.Enqueue(new InputKey { ScanCode = code });
        foreach (char character in characters)
            Keys.Enqueue(new InputKey { UnicodeChar = character });
    }

    private void FillConsole(SimpleTextOutput* output, SimpleTextInput* input)
    {
        output->OutputString = &OutputString;
        output->QueryMode = &QueryMode;
        output->SetMode = &SetMode;
        output->SetAttribute = &SetMode;
        output->ClearScreen = &ClearScreen;
        output->SetCursorPosition = &SetCursorPosition;
        output->EnableCursor = &EnableCursor;
        output->Mode = Make<SimpleTextOutputMode>();
        input->ReadKeyStroke = &ReadKeyStroke;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus OutputString(SimpleTextOutput* self, char* text)
    {
        Current.Console.Add(new string(text).TrimEnd('\r', '\n'));
        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus QueryMode(SimpleTextOutput* self, nuint mode, nuint* columns, nuint* rows)
    {
        *columns = (nuint)Current.Mode.Columns;
        *rows = (nuint)Current.Mode.Rows;
        return EfiStatus.Success;
    }

    [UnmanagedCallersOnly]
    private static EfiStatus SetMode(SimpleTextOutput* self, nuint mode) => EfiStatus.Success;

    [UnmanagedCallersOnly]
    private static EfiStatus ClearScreen(SimpleTextOutput* self) => EfiStatus.Success;

    [UnmanagedCallersOnly]
    private static EfiStatus SetCursorPosition(SimpleTextOutput* self, nuint column, nuint row) =>
        column < (nuint)Current.Mode.Columns && row < (nuint)Current.Mode.Rows ? EfiStatus.Success : EfiStatus.Unsupported;

    [UnmanagedCallersOnly]
    private static EfiStatus EnableCursor(SimpleTextOutput* self, byte isVisible) => EfiStatus.Success;

    [UnmanagedCallersOnly]
    private static EfiStatus ReadKeyStroke(SimpleTextInput* self, InputKey* key)
    {
        *key = new InputKey { ScanCode = Escape };
        if (!Current.Keys.TryDequeue(out InputKey? pressed))
            return Current.Stalled > Patience ? EfiStatus.Success : EfiStatus.NotReady;
        *key = pressed ?? default;
        return pressed == null ? EfiStatus.NotReady : EfiStatus.Success;
    }
}

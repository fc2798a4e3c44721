using System;
using Switcher.Agent;
using Switcher.Efi.Uefi;

namespace Switcher.Tests.Guest;

/// <summary>
/// What the guest is to do: words <c>key=value</c> in its load options or, where it has none, in the file <c>\testguest.txt</c> of its
/// volume.
/// <list type="bullet">
/// <item><c>name=a</c>: goes into every line that it writes.</item>
/// <item><c>seed=1</c>: decides about its memory's pattern and its interrupt vectors.</item>
/// <item><c>cpus=2</c>: how many CPUs to start; all of them without it.</item>
/// <item><c>script=suspend,disk</c>: what to do, step by step; each is <c>NAME</c> or <c>NAME:ARGUMENT:...</c>. See
/// <see cref="Script"/>.</item>
/// <item><c>rounds=3</c>: how often.</item>
/// <item><c>starts=1</c>: a start after the guest's own reset fails; <c>many</c>: it resets the machine again.</item>
/// <item><c>watchdog=1</c>: a start after the guest's own reset never ends by itself; the firmware's watchdog is set to so many
/// seconds.</item>
/// <item><c>key=1</c>: before it leaves the firmware, wait for a key of the USB keyboard.</item>
/// <item><c>end=shutdown</c>: one last step after the verdict, <c>GUEST done</c>.</item>
/// <item><c>state=any</c>: accept any CPU state at the waking vector that a firmware may leave, not only that of a reset.</item>
/// </list>
/// </summary>
internal static unsafe class Options
{
    private const int Capacity = 2048;
    private const ushort LastAscii = 0x7E;

    private static Buffer s_text;
    private static int s_length;

    /// <summary>True if the CPU state at the waking vector must be that of a reset, as behind the hypervisor.</summary>
    public static bool IsStateStrict => !Words.Same(Value("state"u8), "any"u8);

    public static ReadOnlySpan<byte> Name => Value("name"u8);

    public static ulong Seed => Number("seed"u8, 1);

    /// <summary>The value of a key, empty if it is not there.</summary>
    public static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> key)
    {
        var words = new Words(Text);
        while (true)
        {
            ReadOnlySpan<byte> word = words.Next();
            if (word.IsEmpty)
                return default;
            if (word.Length > key.Length && word[key.Length] == '=' && Words.Same(word.Slice(0, key.Length), key))
                return word.Slice(key.Length + 1);
        }
    }

    /// <summary>The value of a key as a number, decimal or with 0x.</summary>
    public static ulong Number(ReadOnlySpan<byte> key, ulong absent)
    {
        var words = new Words(Value(key));
        return words.TryNextNumber(out ulong value) ? value : absent;
    }

    /// <summary>Finds the text, while the firmware is there.</summary>
    public static void Read(LoadedImage* image)
    {
        TakeUtf16((char*)image->LoadOptions, (int)image->LoadOptionsSize / sizeof(char));
        if (Name.IsEmpty)
            ReadFile(image->DeviceHandle);
    }

    private static ReadOnlySpan<byte> Text
    {
        get
        {
            fixed (byte* text = s_text.Bytes)
                return new ReadOnlySpan<byte>(text, s_length);
        }
    }

    private static void TakeUtf16(char* text, int length)
    {
        s_length = 0;
        for (int i = 0; i < length && i < Capacity && text[i] != 0; i++)
            s_text.Bytes[s_length++] = (byte)(text[i] <= LastAscii ? text[i] : '?');
    }

    private static void ReadFile(Handle volume)
    {
        Guid protocol = SimpleFileSystem.Protocol;
        SimpleFileSystem* system;
        File* root;
        File* file;
        if (Firmware.Services->HandleProtocol(volume, &protocol, (void**)&system).IsError || system->OpenVolume(system, &root).IsError)
            return;
        EfiStatus status;
        fixed (char* path = "\\testguest.txt")
            status = root->Open(root, &file, path, FileMode.Read, 0);
        if (status.IsError)
            return;
        nuint length = Capacity;
        fixed (byte* text = s_text.Bytes)
            s_length = file->Read(file, &length, text).IsError ? 0 : (int)length;
        file->Close(file);
    }

    private struct Buffer
    {
        public fixed byte Bytes[Capacity];
    }
}

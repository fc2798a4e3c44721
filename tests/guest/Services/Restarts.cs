using Switcher.Efi.Uefi;

namespace Switcher.Tests.Guest.Services;

/// <summary>How often this guest has restarted itself: a variable of the firmware remembers it, since nothing else is left.</summary>
internal static unsafe class Restarts
{
    /// <summary>0 at the guest's first start.</summary>
    public static uint Count { get; private set; }

    /// <summary>Reads the count.</summary>
    public static void Read()
    {
        uint found = 0;
        nuint size = sizeof(uint);
        VariableAttributes attributes = 0;
        EfiStatus status;
        fixed (char* name = Variable.Restarts)
            status = Variable.Get(name, &attributes, &size, &found);
        Count = status.IsError ? 0 : found;
    }

    /// <summary>Notes that the next start is another one.</summary>
    public static void Note()
    {
        uint next = Count + 1;
        fixed (char* name = Variable.Restarts)
        {
            EfiStatus status = Variable.Set(name, Variable.Ordinary, sizeof(uint), &next);
            Report.ExpectEqual("the firmware does not keep a variable"u8, status.Value, 0);
        }
    }
}

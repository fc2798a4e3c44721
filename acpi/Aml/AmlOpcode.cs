namespace Switcher.Acpi.Aml;

/// <summary>
/// The AML opcodes that the walk names (ACPI 6.5, 20.3 "AML Byte Stream Byte Values"); those of two bytes have 0x5B00 added.
/// </summary>
internal static class AmlOpcode
{
    public const int Zero = 0x00;
    public const int One = 0x01;
    public const int Alias = 0x06;
    public const int Name = 0x08;
    public const int BytePrefix = 0x0A;
    public const int WordPrefix = 0x0B;
    public const int DWordPrefix = 0x0C;
    public const int StringPrefix = 0x0D;
    public const int QWordPrefix = 0x0E;
    public const int Scope = 0x10;
    public const int Buffer = 0x11;
    public const int Package = 0x12;
    public const int VarPackage = 0x13;
    public const int Method = 0x14;
    public const int External = 0x15;
    public const int DualNamePrefix = 0x2E;
    public const int MultiNamePrefix = 0x2F;
    public const int ExtOpPrefix = 0x5B;
    public const int RootChar = 0x5C;
    public const int ParentPrefixChar = 0x5E;
    public const int Add = 0x72;
    public const int Subtract = 0x74;
    public const int ShiftLeft = 0x79;
    public const int ShiftRight = 0x7A;
    public const int And = 0x7B;
    public const int Or = 0x7D;
    public const int Xor = 0x7F;
    public const int Not = 0x80;
    public const int LAnd = 0x90;
    public const int LOr = 0x91;
    public const int LNot = 0x92;
    public const int LEqual = 0x93;
    public const int LGreater = 0x94;
    public const int LLess = 0x95;
    public const int ToInteger = 0x99;
    public const int If = 0xA0;
    public const int Else = 0xA1;
    public const int While = 0xA2;
    public const int Return = 0xA4;
    public const int Ones = 0xFF;
    public const int Mutex = 0x5B01;
    public const int Event = 0x5B02;
    public const int CondRefOf = 0x5B12;
    public const int OperationRegion = 0x5B80;
    public const int Field = 0x5B81;
    public const int Device = 0x5B82;
    public const int Processor = 0x5B83;
    public const int PowerResource = 0x5B84;
    public const int ThermalZone = 0x5B85;
    public const int IndexField = 0x5B86;
    public const int BankField = 0x5B87;
    public const int DataRegion = 0x5B88;
}

using System;
using System.Buffers.Binary;

namespace Switcher.Boot.Config;

/// <summary>A node of a device path: UEFI 2.10, 10.3.1 "Generic Device Path Structures".</summary>
public readonly ref struct DevicePathNode
{
    internal const byte EndType = 0x7F;
    internal const byte EndEntire = 0xFF;
    internal const int HeaderBytes = 4;

    private const byte MessagingType = 3;
    private const byte MediaType = 4;

    /// <summary>The whole node, header included.</summary>
    public readonly ReadOnlySpan<byte> Bytes;

    internal DevicePathNode(ReadOnlySpan<byte> bytes) => Bytes = bytes;

    public byte Type => Bytes[0];

    public byte SubType => Bytes[1];

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Data => Bytes[HeaderBytes..];

    /// <summary>UEFI 2.10, 10.3.5.4 "File Path Media Device Path".</summary>
    public bool IsFilePath => Type == MediaType && SubType == 4;

    /// <summary>For a file path node: the path in UTF-16, without the NUL.</summary>
    public ReadOnlySpan<byte> FilePath
    {
        get
        {
            ReadOnlySpan<byte> text = Data;
            int length = 0;
            while (length + 1 < text.Length && (text[length] | text[length + 1]) != 0)
                length += 2;
            return text[..length];
        }
    }

    /// <summary>
    /// A disk that a user takes away, or no disk at all: UEFI 2.10, 10.3.4 "Messaging Device Path" (USB, MAC, IP, URI), 10.3.5.2 "CD-ROM".
    /// </summary>
    internal bool IsRemovable =>
        (Type == MessagingType && SubType is 5 or 11 or 12 or 13 or 15 or 16 or 24) || (Type == MediaType && SubType == 2);

    /// <summary>The node as UEFI 2.10, 10.3.5.1 "Hard Drive Media Device Path".</summary>
    /// <returns>False if it is none.</returns>
    public bool TryGetHardDrive(out HardDriveNode node)
    {
        node = default;
        if (Type != MediaType || SubType != 1 || Bytes.Length < HardDriveNode.Length)
            return false;
        node = new HardDriveNode(Bytes);
        return true;
    }
}

/// <summary>UEFI 2.10, 10.3.5.1 "Hard Drive Media Device Path", Table 10-49.</summary>
public readonly ref struct HardDriveNode
{
    internal const int Length = 42;

    private readonly ReadOnlySpan<byte> bytes;

    internal HardDriveNode(ReadOnlySpan<byte> bytes) => this.bytes = bytes;

    /// <summary>Counted from 1; 0 is the whole disk.</summary>
    public uint PartitionNumber => BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);

    /// <summary>First block.</summary>
    public ulong PartitionStart => BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);

    /// <summary>Blocks.</summary>
    public ulong PartitionSize => BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]);

    /// <summary>16 bytes: the partition's GUID for GPT; for MBR the disk's signature in the first 4.</summary>
    public ReadOnlySpan<byte> PartitionSignature => bytes.Slice(24, 16);

    /// <summary>1: MBR, 2: GPT.</summary>
    public byte PartitionFormat => bytes[40];

    /// <summary>0: none, 1: MBR signature, 2: GUID.</summary>
    public byte SignatureType => bytes[41];
}

/// <summary>
/// Walks the nodes of a device path that may be anything: every node is inside the bytes given. Ends before the node that ends the entire
/// path; nodes that end one instance of several are returned. Use with foreach, or step by step where it matters that the path is well
/// formed.
/// </summary>
public ref struct DevicePathReader
{
    private readonly ReadOnlySpan<byte> path;
    private int current;
    private int next;
    private int end;

    public DevicePathReader(ReadOnlySpan<byte> path) => this.path = path;

    public readonly DevicePathNode Current => new(path[current..next]);

    /// <summary>True once the walk has met a node that is too short or not wholly there.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>After the walk of a well-formed path: its length with the end node, in bytes.</summary>
    public readonly int Length => end;

    public readonly DevicePathReader GetEnumerator() => this;

    public bool MoveNext()
    {
        current = next;
        ReadOnlySpan<byte> rest = path[next..];
        if (IsMalformed || rest.Length < DevicePathNode.HeaderBytes)
        {
            IsMalformed = true;
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16LittleEndian(rest[2..]);
        if (length < DevicePathNode.HeaderBytes || length > rest.Length)
        {
            IsMalformed = true;
            return false;
        }

        // Past the end node there is no further step: another call finds the same node again.
        if (rest[0] == DevicePathNode.EndType && rest[1] == DevicePathNode.EndEntire)
        {
            end = next + length;
            return false;
        }

        next += length;
        return true;
    }
}

using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Switcher.Tests.Efi;

/// <summary>What a freestanding program declares with <c>[RuntimeImport]</c> and <c>[RuntimeExport]</c>, from its assembly.</summary>
internal sealed class Imports
{
    private Imports(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        MetadataReader reader = file.GetMetadataReader();
        foreach (MethodDefinition method in reader.MethodDefinitions.Select(reader.GetMethodDefinition))
        {
            foreach (CustomAttribute attribute in method.GetCustomAttributes().Select(reader.GetCustomAttribute))
            {
                string type = NameOfType(reader, attribute);
                if (type == "RuntimeImportAttribute")
                    Imported.Add((reader.GetString(method.Name), Argument(reader, attribute)));
                else if (type == "RuntimeExportAttribute")
                    Exported.Add(Argument(reader, attribute));
            }
        }
    }

    /// <summary>Names of the methods with their symbols.</summary>
    public List<(string Method, string Symbol)> Imported { get; } = [];

    public HashSet<string> Exported { get; } = [];

    /// <summary>The assembly that the compiler makes before machine code is made of it.</summary>
    public static Imports Of(string project, string assembly) =>
        new(BuiltFiles.Of(project, assembly).Replace("/bin/", "/obj/", System.StringComparison.Ordinal));

    // Attributes and core library are in the program's own assembly.
    private static string NameOfType(MetadataReader reader, CustomAttribute attribute)
    {
        MethodDefinition constructor = reader.GetMethodDefinition((MethodDefinitionHandle)attribute.Constructor);
        return reader.GetString(reader.GetTypeDefinition(constructor.GetDeclaringType()).Name);
    }

    // ECMA-335, II.23.3: a prolog of two bytes, then the arguments.
    private static string Argument(MetadataReader reader, CustomAttribute attribute)
    {
        BlobReader blob = reader.GetBlobReader(attribute.Value);
        blob.ReadUInt16();
        return blob.ReadSerializedString()!;
    }
}

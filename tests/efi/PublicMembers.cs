using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Switcher.Tests.Efi;

/// <summary>The public types and members of an assembly, as text.</summary>
internal static class PublicMembers
{
    public static HashSet<string> Of(string path, Func<string, bool> isWanted)
    {
        using var file = new PEReader(File.OpenRead(path));
        MetadataReader reader = file.GetMetadataReader();
        var members = new HashSet<string>();
        foreach (TypeDefinition type in reader.TypeDefinitions.Select(reader.GetTypeDefinition))
        {
            string name = Names.FullName(reader, type);
            if (!isWanted(name) || !IsPublic(reader, type))
                continue;
            members.Add(name);
            members.UnionWith(type.GetMethods().Select(reader.GetMethodDefinition)
                .Where(method => IsPublic((FieldAttributes)method.Attributes))
                .Select(method => $"{name}.{reader.GetString(method.Name)}{Signature(method.DecodeSignature(new Names(), null))}"));
            members.UnionWith(type.GetFields().Select(reader.GetFieldDefinition)
                .Where(field => IsPublic(field.Attributes))
                .Select(field => $"{name}.{reader.GetString(field.Name)}: {field.DecodeSignature(new Names(), null)}"));
        }

        return members;
    }

    private static string Signature(MethodSignature<string> signature) =>
        $"({string.Join(", ", signature.ParameterTypes)}): {signature.ReturnType}";

    private static bool IsPublic(MetadataReader reader, TypeDefinition type) => (type.Attributes & TypeAttributes.VisibilityMask) switch
    {
        TypeAttributes.Public => true,
        TypeAttributes.NestedPublic => IsPublic(reader, reader.GetTypeDefinition(type.GetDeclaringType())),
        _ => false,
    };

    // The bits of methods and of fields are the same: ECMA-335, II.23.1.5 and II.23.1.10.
    private static bool IsPublic(FieldAttributes attributes) =>
        (attributes & FieldAttributes.FieldAccessMask) is FieldAttributes.Public or FieldAttributes.Family or FieldAttributes.FamORAssem;

    /// <summary>Types as text, without what a modifier adds.</summary>
    private sealed class Names : ISignatureTypeProvider<string, object?>
    {
        public static string FullName(MetadataReader reader, TypeDefinition type) => type.IsNested
            ? FullName(reader, reader.GetTypeDefinition(type.GetDeclaringType())) + "." + reader.GetString(type.Name)
            : reader.GetString(type.Namespace) + "." + reader.GetString(type.Name);

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => "System." + typeCode;

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
            FullName(reader, reader.GetTypeDefinition(handle));

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        {
            TypeReference type = reader.GetTypeReference(handle);
            return reader.GetString(type.Namespace) + "." + reader.GetString(type.Name);
        }

        public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle,
            byte rawTypeKind) =>
            reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

        public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) =>
            $"{genericType}<{string.Join(", ", typeArguments)}>";

        public string GetGenericMethodParameter(object? genericContext, int index) => "!!" + index;

        public string GetGenericTypeParameter(object? genericContext, int index) => "!" + index;

        public string GetSZArrayType(string elementType) => elementType + "[]";

        public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[{shape.Rank}]";

        public string GetByReferenceType(string elementType) => "ref " + elementType;

        public string GetPointerType(string elementType) => elementType + "*";

        public string GetPinnedType(string elementType) => elementType;

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

        public string GetFunctionPointerType(MethodSignature<string> signature) => "function" + Signature(signature);
    }
}

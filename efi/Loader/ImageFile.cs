using System;
using Switcher.Boot.Image;
using Switcher.Boot.Memory;
using Switcher.Efi.Uefi;
using MemoryType = Switcher.Boot.Memory.MemoryType;

namespace Switcher.Efi.Loader;

/// <summary>Puts an image file into the running guest's partition.</summary>
internal static unsafe class ImageFile
{
    /// <summary>Fills the record's entry point and kind, and a LoadedImage with the image's place.</summary>
    public static EfiStatus Load(Session* session, ImageRecord* image, in ImageSource source)
    {
        if (source.Size > int.MaxValue)
            return EfiStatus.LoadError;

        // SAFETY: the caller of LoadImage vouches for a buffer of its own; otherwise the bytes are ours.
        var file = new ReadOnlySpan<byte>(source.Data, (int)source.Size);
        PeStatus status = PeImage.TryParse(file, out PeImage pe);
        if (status != PeStatus.Success)
            return status == PeStatus.WrongMachine ? EfiStatus.Unsupported : EfiStatus.LoadError;
        MemoryType code = pe.Subsystem switch
        {
            PeSubsystem.EfiBootServiceDriver => MemoryType.BootServicesCode,
            PeSubsystem.EfiRuntimeDriver => MemoryType.RuntimeServicesCode,
            _ => MemoryType.LoaderCode,
        };

        // Pages are aligned to their own size only; what wants more gets it from the room around it.
        ulong slack = pe.SectionAlignment > PageSize.Small ? pe.SectionAlignment - PageSize.Small : 0;
        ulong size = PageSize.AlignUp(pe.SizeOfImage, PageSize.Small);
        ulong place = MemoryServices.Allocate(session, code, size + slack);
        var info = (LoadedImage*)MemoryServices.AllocatePool(session, (ulong)sizeof(LoadedImage));
        if (place == 0 || info == null)
        {
            if (place != 0)
                MemoryServices.Free(session, place, size + slack);
            MemoryServices.FreeFromPool(session, info);
            return EfiStatus.OutOfResources;
        }

        ulong start = PageSize.AlignUp(place, slack + PageSize.Small);
        if (start > place)
            MemoryServices.Free(session, place, start - place);
        if (place + slack > start)
            MemoryServices.Free(session, start + size, place + slack - start);
        status = PeLoader.Load(file, new Span<byte>((void*)start, (int)size), start, out _);
        if (status != PeStatus.Success)
        {
            MemoryServices.Free(session, start, size);
            MemoryServices.FreeFromPool(session, info);
            return EfiStatus.LoadError;
        }

        *info = default;
        info->ImageBase = (void*)start;
        info->ImageSize = pe.SizeOfImage;
        info->ImageCodeType = (Uefi.MemoryType)code;

        // The enumeration has every data type right behind its code type.
        info->ImageDataType = (Uefi.MemoryType)(code + 1);
        image->Info = info;
        image->EntryPoint = start + pe.EntryPoint;
        image->IsApplication = pe.Subsystem == PeSubsystem.EfiApplication;
        return EfiStatus.Success;
    }
}

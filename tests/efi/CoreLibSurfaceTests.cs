using System;
using System.Linq;
using Xunit;

namespace Switcher.Tests.Efi;

public class CoreLibSurfaceTests
{
    /// <summary>What is written against the core library compiles for .NET as well.</summary>
    [Fact]
    public void CoreLibrary_ComparedWithDotNet_HasNothingPublicOfItsOwn()
    {
        var runtime = PublicMembers.Of(typeof(object).Assembly.Location, name => true);
        string built = BuiltFiles.Of("tests/corelib", "corelib-check.dll").Replace("/bin/", "/obj/", StringComparison.Ordinal);
        var ours = PublicMembers.Of(built, name => name.StartsWith("System.", StringComparison.Ordinal));

        Assert.NotEmpty(ours);
        Assert.Empty(ours.Except(runtime).Order());
    }
}

using Switcher.Build;
using Xunit;

namespace Switcher.Tests.Efi;

public class ObjectCheckTests
{
    [Theory]
    [InlineData("RhpNewFast", "allocates")]
    [InlineData("RhpThrowEx", "throws")]
    [InlineData("RhpInitialDynamicInterfaceDispatch", "interface")]
    public void Program_NeedingWhatIsNotThere_IsNamed(string symbol, string word)
    {
        var section = new CoffSection(".managed", CoffSection.Code);
        section.Define("Harmless", isFunction: true, 0);
        section.Content.Write(new byte[16]);
        section.Define("Guilty", isFunction: true, 0);
        section.Content.Write(new byte[16]);
        section.Relocations.Add(new CoffRelocation(20, symbol, 0));

        string fault = Assert.Single(ObjectCheck.Faults(new CoffReader(CoffObject.Write([section]))));

        Assert.StartsWith("Guilty ", fault);
        Assert.Contains(word, fault);
    }

    [Fact]
    public void Program_WithAStaticConstructorLeft_IsNamed()
    {
        var section = new CoffSection(".managed", CoffSection.Code);
        section.Define("Program_Clock___cctor", isFunction: true, 0);
        section.Content.Write(new byte[16]);

        string fault = Assert.Single(ObjectCheck.Faults(new CoffReader(CoffObject.Write([section]))));

        Assert.StartsWith("Program_Clock has a static initialiser", fault);
    }

    [Fact]
    public void Stubs_ThemselvesChecked_AreSound() => Assert.Empty(ObjectCheck.Faults(StubCode.Object("switcher")));
}

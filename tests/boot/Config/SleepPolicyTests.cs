using System.Text;
using CsCheck;
using Switcher.Boot.Config;
using Xunit;

namespace Switcher.Tests.Boot.Config;

/// <summary>The variable <c>SwitcherSleep</c>.</summary>
public sealed class SleepPolicyTests
{
    [Theory]
    [InlineData("switch", SleepPolicy.Switch)]
    [InlineData("armed", SleepPolicy.Machine)]
    [InlineData("armed\n", SleepPolicy.Machine)]
    [InlineData("armed\r\n", SleepPolicy.Machine)]
    [InlineData("armed\0", SleepPolicy.Machine)]
    [InlineData("switch\n\0", SleepPolicy.Switch)]
    public void TryParseAll_OfAWord_IsThePolicy(string text, SleepPolicy policy)
    {
        Assert.True(SleepPolicies.TryParseAll(Encoding.UTF8.GetBytes(text), out SleepPolicy found));
        Assert.Equal(policy, found);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\0armed")]
    [InlineData("machine")]
    [InlineData("Armed")]
    [InlineData("arme")]
    [InlineData("armed switch")]
    [InlineData("armed\nswitch")]
    public void TryParseAll_OfAnythingElse_Fails(string text) =>
        Assert.False(SleepPolicies.TryParseAll(Encoding.UTF8.GetBytes(text), out _));

    /// <summary>What is read is what was written.</summary>
    [Fact]
    public void Words_OfEveryPolicy_AreUnderstood() => Gen.Enum<SleepPolicy>().Sample(policy =>
        SleepPolicies.TryParseAll(SleepPolicies.OfAll(policy), out SleepPolicy all) && all == policy
        && SleepPolicies.TryParseOfGuest(SleepPolicies.OfGuest(policy), out SleepPolicy one) && one == policy);
}

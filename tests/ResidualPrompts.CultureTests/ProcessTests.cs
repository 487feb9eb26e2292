using System.Globalization;

namespace ResidualPrompts.CultureTests;

/// <summary>Without these, the other tests of this project would pass whatever the library did.</summary>
public sealed class ProcessTests
{
    [Fact]
    public void German_has_a_decimal_comma()
    {
        using var culture = Culture.Of("de-DE");
        $"{0.5}".Should().Be("0,5");
        double.TryParse("0.5", out var number).Should().BeTrue();
        number.Should().Be(5, "the point is the sign of a group");
    }

    [Fact]
    public void Turkish_has_a_dotted_capital_letter()
    {
        using var culture = Culture.Of("tr-TR");
#pragma warning disable CA1304, CA1311 // the culture is what is looked at
        "i".ToUpper().Should().Be("İ");
        "I".ToLower().Should().Be("ı");
#pragma warning restore CA1304, CA1311
    }

    [Fact]
    public void Swedish_has_a_minus_sign_of_its_own()
    {
        using var culture = Culture.Of("sv-SE");
        $"{-1}".Should().Be("\u22121");
    }

    [Fact]
    public async Task A_culture_holds_in_new_threads_and_ends()
    {
        var before = CultureInfo.CurrentCulture;
        using (Culture.Of("tr-TR"))
        {
            (await Task.Run(() => CultureInfo.CurrentCulture.Name)).Should().Be("tr-TR");
            var name = "";
            var thread = new Thread(() => name = CultureInfo.CurrentCulture.Name);
            thread.Start();
            thread.Join();
            name.Should().Be("tr-TR");
        }

        CultureInfo.CurrentCulture.Should().Be(before);
    }
}

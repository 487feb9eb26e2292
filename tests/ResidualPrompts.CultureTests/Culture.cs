using System.Globalization;
using Xunit.Sdk;
using Xunit.v3;

[assembly: Parallelization(Mode = ParallelMode.None)] // the culture of new threads belongs to the process

namespace ResidualPrompts.CultureTests;

/// <summary>The process's culture, for as long as it is held.</summary>
internal sealed class Culture : IDisposable
{
    private readonly (CultureInfo Current, CultureInfo Ui, CultureInfo? Threads, CultureInfo? UiOfThreads) _before =
        (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture, CultureInfo.DefaultThreadCurrentCulture,
            CultureInfo.DefaultThreadCurrentUICulture);

    private Culture(CultureInfo culture) => Set(culture, culture, culture, culture);

    /// <summary>
    /// Cultures that write numbers or letters in their own way: a decimal comma, a dotted İ, another minus sign, other digits for a group.
    /// </summary>
    public static TheoryData<string> All => ["de-DE", "tr-TR", "sv-SE"];

    internal static Culture Of(string name) => new(name.Length == 0 ? CultureInfo.InvariantCulture : CultureInfo.GetCultureInfo(name));

    /// <summary>What a function gives in a culture and without one.</summary>
    internal static (T Here, T Invariant) Both<T>(string name, Func<T> function)
    {
        T here, invariant;
        using (Of(name))
            here = function();
        using (Of(""))
            invariant = function();
        return (here, invariant);
    }

    /// <summary>Makes sure that a function gives the same texts in a culture as without one.</summary>
    internal static void Same(string name, Func<IEnumerable<string?>> texts)
    {
        var (here, invariant) = Both<string?[]>(name, () => [.. texts()]);
        here.Should().Equal(invariant).And.NotBeEmpty();
    }

    public void Dispose() => Set(_before.Current, _before.Ui, _before.Threads, _before.UiOfThreads);

    private static void Set(CultureInfo current, CultureInfo ui, CultureInfo? threads, CultureInfo? uiOfThreads) =>
        (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture, CultureInfo.DefaultThreadCurrentCulture,
            CultureInfo.DefaultThreadCurrentUICulture) = (current, ui, threads, uiOfThreads);
}

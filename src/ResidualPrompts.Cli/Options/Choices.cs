using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;

namespace ResidualPrompts.Cli.Options;

/// <summary>Options and arguments with a fixed set of values: completion offers them, and the error for any other value lists them.</summary>
internal static class Choices
{
    internal static void OnlyFrom<T>(this Option<T> option, params string[] words) =>
        Restrict(option.Name, option.CompletionSources, option.Validators, words);

    internal static void OnlyFrom<T>(this Argument<T> argument, params string[] words) =>
        Restrict(argument.Name, argument.CompletionSources, argument.Validators, words);

    private static void Restrict<TResult>(
        string name, List<Func<CompletionContext, IEnumerable<CompletionItem>>> completions, List<Action<TResult>> validators, string[] words)
        where TResult : SymbolResult
    {
        completions.Add(_ => words.Select(word => new CompletionItem(word)));
        validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => !words.Contains(token.Value)))
                result.AddError($"{name} is '{token.Value}', expected {string.Join(", ", words[..^1])} or {words[^1]}."
                    + (NearestName.Of(token.Value, words) is { } nearest ? $" Did you mean {nearest}?" : ""));
        });
    }
}

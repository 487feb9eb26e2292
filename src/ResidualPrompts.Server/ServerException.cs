using System.Globalization;

namespace ResidualPrompts.Server;

/// <summary>The server cannot be started as it was asked to.</summary>
public sealed class ServerException : InputException
{
    private ServerException(ProblemKind kind, string message, Exception? inner = null)
        : base(kind, message, inner)
    {
    }

    /// <summary>What is wrong with which property of <see cref="ServerOptions"/>; empty where it is none of them.</summary>
    internal IReadOnlyList<(string Property, string Text)> Problems { get; private init; } = [];

    internal static ServerException Options(IReadOnlyList<(string Property, string Text)> problems, params IReadOnlyList<Remedy> remedies) =>
        new(ProblemKind.Invalid, $"{string.Join("; ", problems.Select(problem => $"{problem.Property} {problem.Text}"))}.") { Problems = problems, Remedies = remedies };

    internal static ServerException NoDirectory(string property, string path) => Of(ProblemKind.Missing, property, $"'{path}' is no directory");

    internal static ServerException CannotListen(string host, int port, Exception inner) =>
        new(ProblemKind.Inaccessible, string.Create(CultureInfo.InvariantCulture, $"Cannot listen on {host}, port {port}: {inner.Message}"), inner)
        {
            Remedies = [new Remedy.SetSetting(nameof(ServerOptions.Port), Hint: "another number; 0 takes any free one")],
        };

    internal static ServerException KeysUnreadable(string path, Exception inner) => Of(ProblemKind.Inaccessible, nameof(ServerOptions.KeysFile), $"'{path}' cannot be read: {inner.Message.TrimEnd('.')}", inner);

    internal static ServerException NoKeys(string path) =>
        Of(ProblemKind.Invalid, nameof(ServerOptions.KeysFile), $"'{path}' holds no key, expected one a line; blank lines and lines that begin with # do not count");

    internal static ServerException WeakKey(string path, int line, int length, int least) =>
        Of(ProblemKind.Invalid, nameof(ServerOptions.KeysFile), string.Create(
            CultureInfo.InvariantCulture,
            $"'{path}', line {line}: the key has {length} characters, expected at least {least} without white space. 'openssl rand -hex 24' makes a good one"));

    private static ServerException Of(ProblemKind kind, string property, string text, Exception? inner = null) => new(kind, $"{property} {text}.", inner) { Problems = [(property, text)] };
}

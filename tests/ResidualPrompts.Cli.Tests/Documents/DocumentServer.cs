using System.Diagnostics;
using System.Text;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests.Documents;

/// <summary>A server of a document, in a process of its own: it answers what the document asks, or shows its page, and is interrupted.</summary>
internal static class DocumentServer
{
    private const string Address = " on http://";

    internal static async Task<ProgramResult> Run(string[] arguments, IEnumerable<ShellCommand> requests)
    {
        using var process = Program.Process.In(Directory.GetCurrentDirectory()).Start(arguments);
        var said = new StringBuilder();
        var answers = new StringBuilder();
        try
        {
            var address = await AddressOf(process, said);
            if (address is null)
                return new ProgramResult(ExitCode.Failed, "", said.ToString());
            using var client = new HttpClient { BaseAddress = new Uri(address) };
            foreach (var request in requests.Select(Request).DefaultIfEmpty(new HttpRequestMessage(HttpMethod.Get, "")))
            {
                using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
                answers.AppendLine(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
                if (!answer.IsSuccessStatusCode)
                    return new ProgramResult(ExitCode.Failed, answers.ToString(), answers.ToString());
            }
        }
        finally
        {
            if (!process.HasExited)
                ProgramProcess.Send("INT", process.Id);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        return new ProgramResult(process.ExitCode == ExitCode.Interrupted ? ExitCode.Good : ExitCode.Failed, answers.ToString(), said.ToString());
    }

    /// <summary>The address that a server names when it listens; null if it ends before.</summary>
    private static async Task<string?> AddressOf(Process process, StringBuilder said)
    {
        while (await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            said.AppendLine(line);
            if (line.IndexOf(Address, StringComparison.Ordinal) is >= 0 and var at)
                return line[(at + " on ".Length)..];
        }

        return null;
    }

    /// <summary>What <c>curl URL -H HEADER -d BODY</c> sends; the port is that of the server.</summary>
    private static HttpRequestMessage Request(ShellCommand curl)
    {
        var words = curl.Arguments;
        string? After(string option) => Array.IndexOf(words, option) is >= 0 and var at ? words[at + 1] : null;
        var path = words[0][words[0].IndexOf('/')..];
        var type = After("-H")?.Split(':')[1].Trim() ?? "application/x-www-form-urlencoded";
        return After("-d") is { } body
            ? new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, type) }
            : new HttpRequestMessage(HttpMethod.Get, path);
    }
}

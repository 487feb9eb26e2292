using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;

namespace ResidualPrompts.ComparePrograms;

/// <summary>A running <c>serve</c> process. Its answers are stored in the session.</summary>
internal sealed class Server : IAsyncDisposable
{
    private static readonly TimeSpan MostTime = TimeSpan.FromMinutes(1);
    private readonly Session _session;
    private readonly string _name;
    private readonly Process _process;
    private readonly Task<byte[]> _output;
    private readonly StringBuilder _errors = new();
    private readonly TaskCompletionSource<string> _address = new();
    private readonly HttpClient _client = new() { Timeout = MostTime };
    private bool _isEnded;

    private Server(Session session, string name, Process process)
    {
        (_session, _name, _process) = (session, name, process);
        _output = Session.Read(process.StandardOutput.BaseStream);
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.BeginErrorReadLine();
        process.StandardInput.Close();
    }

    internal static async Task<Server> Start(Session session, string name, string command)
    {
        Console.Error.WriteLine($"  {name}");
        // Port 0: the system chooses a free port, and the server prints it.
        var server = new Server(session, name, Process.Start(session.StartOf(command + " --port 0 --threads 1"))!);
        try
        {
            server._client.BaseAddress = new Uri(await server._address.Task.WaitAsync(MostTime));
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException)
        {
            await server.DisposeAsync(); // records the unexpected exit code
        }

        return server;
    }

    internal void UseKey(string key) => _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);

    /// <summary>Sends a request and stores status, content type and body of the answer.</summary>
    internal async Task Ask(string name, HttpMethod method, string path, string? body = null)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path);
            if (body is not null)
                request.Content = new StringContent(body, Encoding.UTF8, "application/json");
            using var answer = await _client.SendAsync(request);
            File.WriteAllText(_session.In($"server/{name}.status"), $"{(int)answer.StatusCode} {answer.Content.Headers.ContentType}\n");
            File.WriteAllBytes(_session.In($"server/{name}.body"), await answer.Content.ReadAsByteArrayAsync());
        }
        catch (Exception e) when (e is HttpRequestException or InvalidOperationException or TaskCanceledException)
        {
            File.WriteAllText(_session.In($"server/{name}.status"), $"{Outcome.NoAnswer}\n");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_isEnded)
            return;
        Session.Send(_process, Signal.Terminate);
        _isEnded = true;
        var ended = _process.WaitForExit(MostTime);
        if (!ended)
            _process.Kill();
        await _process.WaitForExitAsync();
        File.WriteAllText(_session.In($"answers/{_name}.exit"), $"{_process.ExitCode} expected 0\n");
        File.WriteAllBytes(_session.In($"answers/{_name}.stdout"), await _output);
        File.WriteAllText(_session.In($"answers/{_name}.stderr"), _errors.ToString());
        _process.Dispose();
    }

    private void Hear(string? line)
    {
        if (line is null)
        {
            _address.TrySetException(new InvalidOperationException("The server ended."));
            return;
        }

        _errors.Append(line).Append('\n');
        if (Regex.Match(line, @"^Serving .* on (http://\S+)$") is { Success: true } serving)
            _address.TrySetResult(serving.Groups[1].Value);
    }
}

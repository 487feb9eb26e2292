using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ResidualPrompts.Files;

namespace ResidualPrompts.Server.Http;

/// <summary>
/// The API keys of the server. Only their digests are kept, and comparisons take constant time. The file is read again when its content changes;
/// a file that cannot be used leaves the keys as they are.
/// </summary>
internal sealed class ApiKeys
{
    private const int LeastLength = 16;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Second = TimeSpan.FromMilliseconds(50);

    private readonly string? _path;
    private readonly string _setting;
    private byte[] _content;
    private byte[][] _digests;
    private string? _trouble;

    private ApiKeys(string? path, string setting, byte[] content, byte[][] digests) =>
        (_path, _setting, _content, _digests) = (path, setting, content, digests);

    /// <summary>Whether a key is required.</summary>
    internal bool AreAsked => Volatile.Read(ref _digests).Length > 0;

    /// <summary>Reads the file of keys; without a file no key is required.</summary>
    /// <exception cref="ServerException">The file cannot be read, or contains no key or a weak one.</exception>
    internal static ApiKeys Load(string? path, SettingNames names)
    {
        var setting = names[nameof(PromptServingOptions.KeysFile)];
        if (path is null)
            return new ApiKeys(null, setting, [], []);
        try
        {
            var content = PlainFile.ReadNamed(path, PlainFile.LongestText);
            return new ApiKeys(IsPlain(path) ? Path.GetFullPath(path) : null, setting, content, Parse(content, setting, path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FileException)
        {
            throw ServerException.KeysUnreadable(setting, path, e);
        }
    }

    /// <summary>Whether a request is authorized: it has one of the keys, or no key is required.</summary>
    internal bool Open(HttpRequest request)
    {
        var digests = Volatile.Read(ref _digests);
        if (digests.Length == 0)
            return true;
        const string Bearer = "Bearer ";
        string? given = request.Headers["X-Api-Key"];
        if (given is null && request.Headers.Authorization.ToString() is var header && header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            given = header[Bearer.Length..].Trim();
        if (given is null)
            return false;
        var digest = Digest(given);
        var found = false;
        foreach (var key in digests)
            found |= CryptographicOperations.FixedTimeEquals(key, digest);
        return found;
    }

    /// <summary>Follows the file until canceled, whatever fails. A pipe was read once and is not followed.</summary>
    internal async Task WatchAsync(ILogger logger, CancellationToken cancellationToken)
    {
        while (_path is not null && !cancellationToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Pause, cancellationToken);
                await RefreshAsync(logger, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                if (_trouble != e.Message)
                    logger.LogError("The API keys stay as they were: {Problem}", e.Message);
                _trouble = e.Message;
            }
        }
    }

    /// <summary>Reads the file again if its content changed.</summary>
    /// <exception cref="ServerException">The file cannot be used; the keys stay as they were.</exception>
    internal async Task RefreshAsync(ILogger logger, CancellationToken cancellationToken)
    {
        var content = ReadAgain();
        if (content.AsSpan().SequenceEqual(_content))
        {
            _trouble = null;
            return;
        }

        // A key of which only the beginning is written would be a key, too: the file must hold still.
        await Task.Delay(Second, cancellationToken);
        if (!content.AsSpan().SequenceEqual(ReadAgain()))
            return;
        var digests = Parse(content, _setting, _path!);
        _content = content;
        Volatile.Write(ref _digests, digests);
        _trouble = null;
        logger.LogInformation("The API keys were read again; there are {Count}", digests.Length);
    }

    private byte[] ReadAgain()
    {
        try
        {
            return PlainFile.Read(_path!, PlainFile.LongestText);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FileException)
        {
            throw ServerException.KeysUnreadable(_setting, _path!, e);
        }
    }

    private static byte[][] Parse(byte[] content, string setting, string path)
    {
        using var reader = new StreamReader(new MemoryStream(content));
        var digests = new List<byte[]>();
        for (var line = 1; reader.ReadLine() is { } text; line++)
        {
            var key = text.Trim();
            if (key.Length == 0 || key[0] == '#')
                continue;
            if (key.Any(character => char.IsControl(character) && !char.IsWhiteSpace(character)) || key.Contains('\uFFFD'))
                throw ServerException.DamagedKey(setting, path, line);
            if (key.Length < LeastLength || key.Any(char.IsWhiteSpace))
                throw ServerException.WeakKey(setting, path, line, key.Length, LeastLength);
            digests.Add(Digest(key));
        }

        return digests.Count > 0 ? [.. digests] : throw ServerException.NoKeys(setting, path);
    }

    private static bool IsPlain(string path)
    {
        try
        {
            PlainFile.Require(path);
            return true;
        }
        catch (FileException)
        {
            return false;
        }
    }

    private static byte[] Digest(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}

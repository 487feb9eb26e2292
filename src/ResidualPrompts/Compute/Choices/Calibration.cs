using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Files;
using ResidualPrompts.Native;

namespace ResidualPrompts.Compute.Choices;

/// <summary>
/// The choice that <c>bench compute</c> measured on this machine and saved. It is a file of the user's cache folder, named by the processor and the
/// versions on which the measurement depends, so that machines with one home folder do not share it.
/// </summary>
internal sealed class Calibration
{
    private const string ManagedName = "managed";
    private readonly string _folder;
    private readonly JsonObject _key;

    /// <summary>The calibration of this machine.</summary>
    /// <param name="instructions">The instruction set of the managed kernels.</param>
    /// <param name="folder">The folder of the files; default that of the user.</param>
    internal Calibration(string instructions, string? folder = null)
    {
        _folder = folder ?? System.IO.Path.Combine(UserCache.Folder, "compute");
        _key = new JsonObject
        {
            ["processor"] = Processor.Name,
            ["instructions"] = instructions,
            ["torchsharp_version"] = typeof(TorchSharp.torch).Assembly.GetName().Version?.ToString(),
            ["residual_prompts_version"] =
                typeof(Calibration).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion,
        };
    }

    /// <summary>The file.</summary>
    internal string Path => System.IO.Path.Combine(
        _folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(_key.ToJsonString())))[..16] + ".json");

    /// <summary>Reads the file.</summary>
    /// <returns>
    /// The operations that managed kernels compute, null where there is no calibration; and what is wrong with the file, null if nothing is.
    /// </returns>
    internal (Operations? Managed, string? Problem) Read()
    {
        try
        {
            if (!File.Exists(Path))
                return (null, null);
            var json = JsonFile.Node(PlainFile.Read(Path, PlainFile.LongestText), JsonFormats.Strict) as JsonObject
                ?? throw new JsonException("It is not a JSON object.");
            foreach (var (name, value) in _key)
            {
                if (JsonFile.Text(json[name]) != value?.GetValue<string>())
                    throw new JsonException($"Its {name} is that of another machine.");
            }

            var found = json["operations"] as JsonObject ?? throw new JsonException("It lacks the operations.");
            return (OperationNames.All.Where(operation => JsonFile.Text(found[operation.Value]) switch
            {
                ManagedName => true,
                OperationKernels.LibTorchName => false,
                _ => throw new JsonException($"Its {operation.Value} is neither {ManagedName} nor {OperationKernels.LibTorchName}."),
            }).Aggregate(Operations.None, (set, operation) => set | operation.Key), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FileException || JsonProblem.IsOne(e))
        {
            return (null, $"{Path} is ignored: {(JsonProblem.IsOne(e) ? JsonProblem.Of(e) : e.Message)}");
        }
    }

    /// <summary>Writes the file.</summary>
    /// <param name="managed">The operations that managed kernels compute.</param>
    /// <exception cref="IOException">The file system refused.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    internal void Write(Operations managed)
    {
        var json = _key.DeepClone().AsObject();
        json["measured"] = DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        json["operations"] = new JsonObject(OperationNames.All.Select(operation => KeyValuePair.Create(
            operation.Value, (JsonNode?)(managed.HasFlag(operation.Key) ? ManagedName : OperationKernels.LibTorchName))));
        Disk.CreateFolder(_folder);
        AtomicFile.Write(Path, stream => stream.Write(Encoding.UTF8.GetBytes(json.ToJsonString(JsonFormats.IndentedRelaxed) + "\n")));
    }
}

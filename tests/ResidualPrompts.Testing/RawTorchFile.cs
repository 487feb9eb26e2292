using System.IO.Compression;
using System.Text;

namespace ResidualPrompts.Testing;

/// <summary>Files of torch.save put together by hand, valid or not, with the entries that PyTorch 2 adds to those of 1.</summary>
public sealed class RawTorchFile
{
    private readonly List<byte> _pickle = [0x80, 2];
    private readonly List<(string Name, byte[] Bytes, CompressionLevel Compression)> _entries = [];

    /// <summary>The folder in the archive.</summary>
    public string Folder { get; init; } = "archive";

    public RawTorchFile Code(params byte[] bytes)
    {
        _pickle.AddRange(bytes);
        return this;
    }

    public RawTorchFile Code(char operation) => Code((byte)operation);

    public RawTorchFile Text(string text) =>
        Code([(byte)'X', .. BitConverter.GetBytes(Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)]);

    public RawTorchFile Number(long value) => value is >= 0 and <= 255
        ? Code((byte)'K', (byte)value)
        : Code([0x8a, 8, .. BitConverter.GetBytes(value)]);

    public RawTorchFile Global(string module, string name) => Code(Encoding.ASCII.GetBytes($"c{module}\n{name}\n"));

    public RawTorchFile Numbers(params long[] values)
    {
        Code('(');
        Array.ForEach(values, value => Number(value));
        return Code('t');
    }

    /// <summary>A call of _rebuild_tensor_v2 on a storage.</summary>
    public RawTorchFile Tensor(string type, string key, long count, long offset, long[] shape, long[] strides)
    {
        Global("torch._utils", "_rebuild_tensor_v2").Code('(').Code('(').Text("storage").Global("torch", type).Text(key).Text("cpu").Number(count)
            .Code('t').Code('Q');
        return Number(offset).Numbers(shape).Numbers(strides).Code(0x89).Global("collections", "OrderedDict").Code(')').Code('R').Code('t').Code('R');
    }

    public RawTorchFile Entry(string name, byte[] bytes, CompressionLevel compression = CompressionLevel.NoCompression)
    {
        _entries.Add((name, bytes, compression));
        return this;
    }

    public RawTorchFile Data(string key, params byte[] bytes) => Entry($"{Folder}/data/{key}", bytes);

    public byte[] Bytes()
    {
        using var file = new MemoryStream();
        using (var archive = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes, compression) in _entries.Prepend(
                ($"{Folder}/data.pkl", [.. _pickle, (byte)'.'], CompressionLevel.NoCompression)))
            {
                using var entry = archive.CreateEntry(name, compression).Open();
                entry.Write(bytes);
            }
        }

        return file.ToArray();
    }

    public void Write(string path) => File.WriteAllBytes(path, Bytes());
}

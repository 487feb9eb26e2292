using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using ResidualPrompts.Files;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.Weights.TorchFiles;

/// <summary>
/// Writes one float32 matrix as <c>torch.save</c> does, so that <c>torch.load(weights_only=True)</c> reads it: a zip archive of stored entries,
/// in which a pickle calls <c>torch._utils._rebuild_tensor_v2</c> on the storage, an entry of raw bytes.
/// </summary>
internal static class TorchTensorWriter
{
    private const string FolderName = "archive"; // any name works
    private const string StorageKey = "0";
    private static readonly DateTimeOffset NoTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero); // the same bytes at any time

    /// <summary>Writes the file atomically.</summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="matrix">f32[n, d].</param>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    public static void Write(string path, Tensor matrix)
    {
        using var scope = NewDisposeScope();
        using var buffer = new MemoryStream();
        using (var archive = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
        {
            void Add(string name, ReadOnlySpan<byte> content)
            {
                var entry = archive.CreateEntry($"{FolderName}/{name}", CompressionLevel.NoCompression);
                entry.LastWriteTime = NoTime;
                using var stream = entry.Open();
                stream.Write(content);
            }

            Add("data.pkl", Pickle((int)matrix.shape[0], (int)matrix.shape[1]));
            Add("byteorder", "little"u8);
            Add($"data/{StorageKey}", matrix.detach().cpu().to_type(ScalarType.Float32).contiguous().bytes);
            Add("version", "3\n"u8);
        }

        try
        {
            AtomicFile.Write(path, stream => stream.Write(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CheckpointException.CannotWrite(path, exception);
        }
    }

    /// <summary>_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks), in pickle protocol 2.</summary>
    private static byte[] Pickle(int rows, int columns)
    {
        using var pickle = new MemoryStream();
        void Code(params ReadOnlySpan<byte> code) => pickle.Write(code);
        void Global(string module, string name) => Code(Encoding.ASCII.GetBytes($"c{module}\n{name}\n"));
        void Text(string text) => Code([(byte)'X', .. LittleEndian(text.Length), .. Encoding.ASCII.GetBytes(text)]);
        void Number(int number) => Code([(byte)'J', .. LittleEndian(number)]);
        void Pair(int first, int second)
        {
            Number(first);
            Number(second);
            Code(0x86); // TUPLE2
        }

        Code(0x80, 2); // PROTO 2
        Global("torch._utils", "_rebuild_tensor_v2");
        Code((byte)'(', (byte)'('); // MARK of the arguments, MARK of the storage's name
        Text("storage");
        Global("torch", "FloatStorage");
        Text(StorageKey);
        Text("cpu");
        Number(checked(rows * columns));
        Code((byte)'t', (byte)'Q'); // TUPLE, BINPERSID: the storage of this name
        Number(0);
        Pair(rows, columns);
        Pair(columns, 1);
        Code(0x89); // NEWFALSE
        Global("collections", "OrderedDict");
        Code((byte)')', (byte)'R', (byte)'t', (byte)'R', (byte)'.'); // OrderedDict(), TUPLE of the arguments, REDUCE, STOP
        return pickle.ToArray();
    }

    private static byte[] LittleEndian(int number)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        return bytes;
    }
}

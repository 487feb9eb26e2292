using BenchmarkDotNet.Attributes;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Native;
using static TorchSharp.torch;

namespace ResidualPrompts.Benchmarks;

/// <summary>A file of 64 MB: writing it, opening it (which maps it without reading tensor data), and reading every number once.</summary>
[MemoryDiagnoser]
public class SafetensorsBenchmarks
{
    private const int TensorCount = 16;
    private static readonly long[] Shape = [1024, 1024];
    private string _folder = null!;
    private Dictionary<string, Tensor> _tensors = null!;

    private string SafetensorsPath => Path.Combine(_folder, "model.safetensors");

    [GlobalSetup]
    public void Setup()
    {
        LibTorch.EnsureLoaded();
        _folder = Directory.CreateTempSubdirectory("residual-prompts-benchmarks-").FullName;
        _tensors = Enumerable.Range(0, TensorCount).ToDictionary(i => $"weight.{i}", i => full(Shape, i + 0.5f).DetachFromDisposeScope());
        Write();
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        foreach (var tensor in _tensors.Values)
            tensor.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark]
    public void Write() => SafetensorsWriter.Write(SafetensorsPath, _tensors);

    [Benchmark(Baseline = true)]
    public int Open()
    {
        using var file = SafetensorsFile.Open(SafetensorsPath);
        return file.Entries.Count;
    }

    [Benchmark]
    public double Read_every_number()
    {
        using var scope = NewDisposeScope();
        using var file = SafetensorsFile.Open(SafetensorsPath);
        return file.Entries.Keys.Sum(key => file.Read(key).sum().item<float>());
    }
}

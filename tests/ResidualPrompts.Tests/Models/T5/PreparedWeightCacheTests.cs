using ResidualPrompts.Files;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Models.T5;

[Collection<Alone>] // the cache folder is a setting of the process
public sealed class PreparedWeightCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string? _before = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");

    public PreparedWeightCacheTests() => Environment.SetEnvironmentVariable("XDG_CACHE_HOME", _folder.File("cache"));

    private string CacheFolder => Path.Combine(_folder.File("cache"), "residual-prompts", "prepared");

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", _before);
        _folder.Dispose();
    }

    [Theory]
    [InlineData(10)]
    [InlineData(11)]
    public void Weights_from_the_cache_are_those_that_are_prepared_in_memory(int version)
    {
        using var scope = NewDisposeScope();
        var (model, config) = Save(version);
        using var expected = T5Model.Load(model);
        expected.Freeze();
        foreach (var pass in new[] { "made", "read" })
        {
            var weights = PreparedWeightCache.Get(model, config, smallest: 0)!;
            weights.Keys.Should().BeEquivalentTo(expected.Weights.Keys);
            foreach (var (key, weight) in weights)
                TensorAssert.Equal(weight, expected.Weights[key], $"{key} {pass}");
        }

        Directory.GetFiles(CacheFolder).Should().ContainSingle();
    }

    [Theory]
    [InlineData("none", false)]
    [InlineData("equal", true)]
    [InlineData("other", true)]
    public void The_cache_knows_a_head_that_the_config_does_not_tell(string head, bool hasHead)
    {
        using var scope = NewDisposeScope();
        var (model, _) = Save(10);
        var json = ModelFolder.Json(TinyT5.Version10);
        json["scale_decoder_outputs"] = false;
        File.WriteAllText(Path.Combine(model, "config.json"), System.Text.Json.JsonSerializer.Serialize(json));
        var stored = TinyT5.Weights(TinyT5.Version10);
        if (head != "none")
            stored["lm_head.weight"] = stored["shared.weight"] * (head == "equal" ? 1 : 2);
        SafetensorsWriter.Write(Path.Combine(model, "model.safetensors"), stored);
        foreach (var _ in new[] { "made", "read" })
        {
            var weights = PreparedWeightCache.Get(model, T5Config.Load(model), smallest: 0)!;
            weights.ContainsKey("lm_head.weight").Should().Be(hasHead);
            if (hasHead)
                TensorAssert.Equal(weights["lm_head.weight"], stored["lm_head.weight"]);
        }

        Directory.GetFiles(CacheFolder).Should().ContainSingle();
    }

    [Fact]
    public void A_damaged_file_is_made_again()
    {
        using var scope = NewDisposeScope();
        var (model, config) = Save(10);
        _ = PreparedWeightCache.Get(model, config, smallest: 0);
        var file = Directory.GetFiles(CacheFolder).Single();
        var good = File.ReadAllBytes(file);
        var flipped = good.ToArray();
        flipped[^4000] ^= 1;
        foreach (var damaged in new[] { flipped, good[..^8], good[..100], [], [.. good, 0], new byte[good.Length] })
        {
            File.Delete(file); // the tensors of the last round are still mapped
            File.WriteAllBytes(file, damaged);
            PreparedWeightCache.Get(model, config, smallest: 0).Should().NotBeNull();
            File.ReadAllBytes(file).Should().Equal(good);
        }
    }

    [Theory]
    [InlineData(4, 4096)]
    [InlineData(8, 4096)]
    [InlineData(32, 64)]
    [InlineData(256, 1024)]
    [InlineData(1024, 1024)]
    public void An_exchanged_pair_of_blocks_is_damage(int size, int distance)
    {
        using var scope = NewDisposeScope();
        var (model, config) = Save(10);
        _ = PreparedWeightCache.Get(model, config, smallest: 0);
        var file = Directory.GetFiles(CacheFolder).Single();
        var good = File.ReadAllBytes(file);
        var begin = 0;
        using (var stored = SafetensorsFile.Open(file))
        {
            var largest = stored.Entries.Values.MaxBy(entry => entry.End - entry.Begin)!;
            (largest.End - largest.Begin).Should().BeGreaterThan(32 + size + distance);
            begin = 8 + (int)BitConverter.ToUInt64(good) + (int)largest.Begin + 32; // behind the header
        }

        var damaged = good.ToArray();
        good.AsSpan(begin, size).CopyTo(damaged.AsSpan(begin + distance));
        good.AsSpan(begin + distance, size).CopyTo(damaged.AsSpan(begin));
        damaged.Should().NotEqual(good);
        File.Delete(file); // its tensors are still mapped
        File.WriteAllBytes(file, damaged);
        _ = PreparedWeightCache.Get(model, config, smallest: 0);
        File.ReadAllBytes(file).Should().Equal(good);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(11)]
    public void A_file_is_made_with_few_weights_in_memory(int version)
    {
        using var scope = NewDisposeScope();
        var (model, config) = Save(version);
        var counter = new TensorCounter(Tensor.TotalCount);
        Disk.Use(counter);
        try
        {
            _ = PreparedWeightCache.Get(model, config, smallest: 0);
        }
        finally
        {
            Disk.Use(null);
        }

        TinyT5.Weights(config).Count.Should().BeGreaterThan(20);
        counter.Most.Should().BeInRange(1, 8); // a weight, what it is computed from, and views of it
    }

    [Fact]
    public void A_model_that_is_written_while_its_file_is_made_leaves_no_file()
    {
        using var scope = NewDisposeScope();
        var (model, config) = Save(10);
        var weights = Path.Combine(model, "model.safetensors");
        Disk.Use(new Writer(() => File.SetLastWriteTimeUtc(weights, DateTime.UtcNow.AddHours(1))));
        try
        {
            var act = () => PreparedWeightCache.Get(model, config, smallest: 0);
            act.Should().Throw<FileException>().Which.Message.Should().Contain("model");
        }
        finally
        {
            Disk.Use(null);
        }

        Directory.GetFiles(CacheFolder).Should().BeEmpty();
    }

    [Fact]
    public void A_changed_model_has_a_file_of_its_own()
    {
        using var scope = NewDisposeScope();
        var (model, config) = Save(10);
        var before = PreparedWeightCache.Get(model, config, smallest: 0)!["shared.weight"].clone();
        Save(10, seed: 2);
        TensorAssert.Differ(PreparedWeightCache.Get(model, config, smallest: 0)!["shared.weight"], before, 0.1);
        Directory.GetFiles(CacheFolder).Length.Should().Be(2);
    }

    [Fact]
    public void Writing_to_a_weight_changes_neither_file_nor_other_models()
    {
        using var scope = NewDisposeScope();
        var (model, config) = Save(10);
        _ = PreparedWeightCache.Get(model, config, smallest: 0);
        var first = PreparedWeightCache.Get(model, config, smallest: 0)!["shared.weight"];
        var second = PreparedWeightCache.Get(model, config, smallest: 0)!["shared.weight"];
        var expected = second.clone();
        first.add_(1);
        TensorAssert.Equal(second, expected);
        TensorAssert.Equal(PreparedWeightCache.Get(model, config, smallest: 0)!["shared.weight"], expected);
    }

    [Fact]
    public void Where_nothing_can_be_written_weights_are_prepared_in_memory()
    {
        var (model, config) = Save(10);
        File.WriteAllText(_folder.File("cache"), "a file where the folder should be");
        PreparedWeightCache.Get(model, config, smallest: 0).Should().BeNull();
        using var loaded = T5Model.LoadFrozen(model);
        loaded.IsPrepared.Should().BeTrue();
    }

    [Fact]
    public void Small_models_and_loading_without_the_cache_leave_no_file()
    {
        var (model, config) = Save(10);
        PreparedWeightCache.Get(model, config).Should().BeNull();
        using var loaded = T5Model.LoadFrozen(model, new T5Computation(), usesCache: false);
        loaded.IsPrepared.Should().BeTrue();
        Directory.Exists(CacheFolder).Should().BeFalse();
    }

    private (string Folder, T5Config Config) Save(int version, long seed = 1)
    {
        using var scope = NewDisposeScope();
        var config = TinyT5.Version(version);
        var folder = _folder.File("model");
        Directory.CreateDirectory(folder);
        ModelFolder.Write(folder, config, TinyT5.Weights(config, seed));
        return (folder, config);
    }

    /// <summary>Counts tensors whenever something is written.</summary>
    private sealed class TensorCounter(long before) : DiskLayer
    {
        internal long Most { get; private set; }

        internal override int Before(DiskOperation operation, string path, int byteCount)
        {
            if (operation == DiskOperation.Write)
                Most = Math.Max(Most, Tensor.TotalCount - before);
            return byteCount;
        }
    }

    /// <summary>Does something at the first write.</summary>
    private sealed class Writer(Action write) : DiskLayer
    {
        private bool _isDone;

        internal override int Before(DiskOperation operation, string path, int byteCount)
        {
            if (operation == DiskOperation.Write && !_isDone)
                write();
            _isDone |= operation == DiskOperation.Write;
            return byteCount;
        }
    }
}

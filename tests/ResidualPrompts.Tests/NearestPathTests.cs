using ResidualPrompts.Catalog;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests;

/// <summary>A misspelt path is answered with the nearest one, and is never taken for a name on the hub.</summary>
public sealed class NearestPathTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public NearestPathTests()
    {
        foreach (var file in new[]
        {
            "data/train.jsonl", "data/train.csv", "data/a.csv", "runs/first/run.json", "models/tiny/config.json", ".hidden",
        })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(file))!);
            _folder.Write(file, "");
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("data/train.jsnol", "data/train.jsonl")]
    [InlineData("data/trian.csv", "data/train.csv")]
    [InlineData("data/train.parquet", "data/train.csv")] // the same name of another kind, the shorter way
    [InlineData("dta/train.csv", "data/train.csv")]
    [InlineData("dta/trian.csv", "data/train.csv")]
    [InlineData("runs/frst", "runs/first")]
    [InlineData("runs/frst/", "runs/first")]
    [InlineData("data/b.csv", null)]
    [InlineData("data/reviews.jsonl", null)]
    [InlineData("data/train.csv", null)] // it exists
    [InlineData("nowhere/at/all", null)]
    [InlineData(".hiden", null)]
    public void The_nearest_path_is_found_part_by_part(string path, string? expected) =>
        NearestPath.Of(_folder.File(path)).Should().Be(expected is null ? null : _folder.File(expected));

    [Fact]
    public void What_is_no_path_has_no_nearest_one()
    {
        foreach (var text in new[] { "", "\0", "/", new string('x', 5000), "a\nb", ".", ".." })
            NearestPath.Of(text).Should().BeNull();
    }

    [Theory]
    [InlineData("d.jsnol", true)]
    [InlineData("d.jsonl", true)]
    [InlineData("rows.cvs", true)]
    [InlineData("rows.parqet", true)]
    [InlineData("owner/rows.jsonl.gz", true)]
    [InlineData("./t5-nan", true)]
    [InlineData("../t5", true)]
    [InlineData("/t5", true)]
    [InlineData("~/t5", true)]
    [InlineData("t5/", true)]
    [InlineData("t5-small", false)]
    [InlineData("google/t5-v1.1-small", false)]
    [InlineData("openai/whisper-tiny.en", false)]
    [InlineData("owner/model.v2", false)]
    [InlineData("aps/super_glue", false)]
    public void A_name_that_is_written_as_a_path_is_none_on_the_hub(string name, bool isLocal)
    {
        NearestPath.LooksLocal(name).Should().Be(isLocal);
        if (isLocal)
            ModelCatalog.IsOnHub(name).Should().BeFalse();
        DataCatalog.IsOnHub(name).Should().Be(!isLocal);
    }
}

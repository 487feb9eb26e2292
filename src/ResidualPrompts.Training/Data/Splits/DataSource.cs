using ResidualPrompts.Data.Text;
using ResidualPrompts.Randomness;

namespace ResidualPrompts.Data.Splits;

/// <summary>
/// Where the rows of a data set are: a folder with files for each split (<c>train_full</c> or <c>train</c>; <c>validation</c>, <c>val</c> or
/// <c>dev</c>, else <c>dev32</c>; <c>test</c>), or one file, which is all training rows until some are held out.
/// </summary>
/// <example>
/// <code>
/// var splits = DataSource.Open(BundledDataSets.Locate("copa")).Load(new SplitOptions { Seed = 1 });
/// </code>
/// </example>
public sealed class DataSource
{
    // The halves of a validation split are the same in every run, so that test scores of several runs can be compared.
    private const long HalvingSeed = 0;

    private readonly string _path;
    private readonly DataLayout _layout;
    private readonly SourceOptions _options;
    private readonly IReadOnlyDictionary<DataSplit, IReadOnlyList<Example>>? _rows;
    private readonly List<string> _notes = [];

    private DataSource(string path, DataLayout layout, SourceOptions options)
    {
        (_path, _layout, _options) = (path, layout, options);
        Files = Directory.Exists(path)
            ? SplitFiles.Find(path, layout, _notes)
            : new Dictionary<DataSplit, IReadOnlyList<string>> { [options.SingleFileSplit] = [path] };
    }

    private DataSource(IReadOnlyDictionary<DataSplit, IReadOnlyList<Example>> rows, DataLayout layout)
    {
        (_path, _layout, _options, _rows) = ("The data", layout, new SourceOptions(), rows);
        Files = new Dictionary<DataSplit, IReadOnlyList<string>>();
    }

    /// <summary>The files of each split that there is, in the order of their rows.</summary>
    public IReadOnlyDictionary<DataSplit, IReadOnlyList<string>> Files { get; }

    /// <summary>What a user should know about how the files were chosen, one sentence each.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Finds the files; reads none of them.</summary>
    /// <param name="path">A folder or a file.</param>
    /// <param name="layout">How the files and their rows are named; null = as they stand there.</param>
    /// <param name="options">How files are read; default as UTF-8, a single file to train on.</param>
    /// <exception cref="DataException">There is neither, the file is of an unknown kind, or two files of the folder fit one split.</exception>
    public static DataSource Open(string path, DataLayout? layout = null, SourceOptions? options = null)
    {
        if (!Path.Exists(path))
            throw DataException.NoSuchData(path, BundledDataSets.Names);
        if (!Directory.Exists(path) && !ExampleFile.CanRead(path))
            throw DataException.UnknownKind(path, ExampleFile.Extensions);
        return new DataSource(path, layout ?? new DataLayout(), options ?? new SourceOptions());
    }

    /// <summary>Rows in memory, chosen as those of files are.</summary>
    /// <param name="rows">The rows of each split that there is. They are numbered by their places.</param>
    /// <param name="layout">How fields are named, and what rows stand for.</param>
    internal static DataSource Of(IReadOnlyDictionary<DataSplit, IReadOnlyList<Example>> rows, DataLayout layout) => new(rows, layout);

    private bool Has(DataSplit split) => _rows?.ContainsKey(split) ?? Files.ContainsKey(split);

    /// <summary>What messages call the rows of a split that there is.</summary>
    private string NameOf(DataSplit split) => _rows is null ? string.Join(" and ", Files[split]) : $"The {split.ToString().ToLowerInvariant()} split";

    /// <summary>Reads all rows of a split.</summary>
    /// <param name="split">The split.</param>
    /// <exception cref="DataException">There is no such split, it holds no rows, or a row is wrong.</exception>
    public IReadOnlyList<Example> Read(DataSplit split)
    {
        Example[] rows = [.. Stream(split)];
        return rows.Length > 0 ? rows : throw DataException.NoRows(NameOf(split));
    }

    /// <summary>Reads the rows of a split lazily.</summary>
    /// <param name="split">The split.</param>
    /// <exception cref="DataException">There is no such split; while reading: a row is wrong.</exception>
    public IEnumerable<Example> Stream(DataSplit split)
    {
        if (_rows is not null)
            return _layout.Apply(_rows.GetValueOrDefault(split, []).Select((row, index) => row.Numbered(index)));
        if (!Files.TryGetValue(split, out var files))
            throw DataException.NoSplit(_path, split.ToString().ToLowerInvariant(), SplitFiles.NamesOf(split, _layout).SelectMany(names => names), ExampleFile.Extensions);
        return _layout.Apply(files.SelectMany(file => ExampleFile.ReadAsTheyStand(file, _layout.Columns, new ReadOptions { Encoding = _options.Encoding })).Select((row, index) => row.Numbered(index)));
    }

    /// <summary>
    /// Reads and chooses the rows of a run. Few-shot rows are chosen first, out of all training rows; where there is no validation file,
    /// validation rows are then held out of the others.
    /// </summary>
    /// <param name="options">How rows are chosen.</param>
    /// <param name="classOf">A row's class, for choosing class by class; null = rows have no classes.</param>
    /// <param name="trains">Whether a row may train; the others validate only. Null = all rows may.</param>
    /// <param name="groupOf">The group whose rows stay together wherever validation and test rows are chosen; null = rows stand alone.</param>
    /// <exception cref="DataException">There is no train split, a split holds no rows, or a row is wrong.</exception>
    public DataSplits Load(SplitOptions options, Func<Example, string?>? classOf = null, Func<Example, bool>? trains = null, Func<Example, string?>? groupOf = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        classOf ??= _ => null;
        trains ??= _ => true;
        var notes = new List<string>(_notes);
        var all = Read(DataSplit.Train);
        IReadOnlyList<Example> train = [.. all.Where(trains)];
        if (options.FewShotPerClass is { } shots)
        {
            if (train.All(row => classOf(row) is null))
                notes.Add($"The training rows have no classes: {shots} rows in all are chosen.");
            train = Keep(RowSelection.PerClass(train, shots, classOf, options.FewShotSeed, RandomPurpose.FewShot), notes).Selected;
        }

        var labelled = Has(DataSplit.Validation) ? Read(DataSplit.Validation) : null;
        var validation = options.ValidationFromTrain ? null : labelled;
        if (validation is null && options.ValidationFraction > 0)
        {
            var isChosen = options.FewShotPerClass is null ? [] : train.ToHashSet();
            var groups = groupOf is null ? [] : isChosen.Select(groupOf).OfType<string>().ToHashSet();
            var heldOut = RowSelection.HoldOut([.. all.Where(row => !isChosen.Contains(row) && !(groupOf?.Invoke(row) is { } group && groups.Contains(group)))], options.ValidationFraction, classOf, options.Seed, groupOf);
            if (options.FewShotPerClass is null)
                train = [.. heldOut.Rest.Where(trains)];
            validation = heldOut.Selected is { Count: > 0 } rows ? rows : null;
            notes.Add(validation is null
                ? $"{_path} has too few rows to hold any out for validation."
                : $"{_path} has no validation split{(labelled is null ? "" : " beside the one that is the test split")}: {validation.Count} of {all.Count} rows are held out for it.");
        }

        if (train.Count == 0)
            throw DataException.NoRows($"{(_rows is null ? Files[DataSplit.Train][0] : NameOf(DataSplit.Train))}, after choosing those that train,");
        (validation, var test) = options.ValidationFromTrain && labelled is not null ? (validation, labelled) : WithTest(validation, options, groupOf, notes);
        if (validation is not null && options.ValidationPerClass is { } limit)
            validation = Keep(RowSelection.PerClass(validation, limit, classOf, options.FewShotSeed, RandomPurpose.ValidationLimit, groupOf), notes).Selected;
        return new DataSplits { Train = train, Validation = validation, Test = test, Notes = notes };
    }

    private (IReadOnlyList<Example>? Validation, IReadOnlyList<Example>? Test) WithTest(IReadOnlyList<Example>? validation, SplitOptions options, Func<Example, string?>? groupOf, List<string> notes)
    {
        if (!options.TestFromValidation)
            return (validation, Has(DataSplit.Test) ? Read(DataSplit.Test) : null);
        if (validation is not { Count: > 1 })
            throw DataException.TooFewToHalve(validation?.Count ?? 0);
        if (Has(DataSplit.Test))
            notes.Add($"{(_rows is null ? Files[DataSplit.Test][0] : NameOf(DataSplit.Test))} is not read: the test split is half of the validation split.");
        var halves = RowSelection.Halve(validation, HalvingSeed, groupOf);
        return (halves.Selected, halves.Rest);
    }

    private static SelectedRows Keep(SelectedRows rows, List<string> notes)
    {
        notes.AddRange(rows.Notes);
        return rows;
    }
}

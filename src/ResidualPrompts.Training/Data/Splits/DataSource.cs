using ResidualPrompts.Data.Text;
using ResidualPrompts.Randomness;

namespace ResidualPrompts.Data.Splits;

/// <summary>
/// The source of a data set's rows: a folder with files for each split (<c>train_full</c> or <c>train</c>; <c>validation</c>, <c>val</c> or
/// <c>dev</c>, else <c>dev32</c>; <c>test</c>), or one file, whose rows all train until some are held out. Files of single splits take the place
/// of its own, or are the whole source.
/// </summary>
/// <example>
/// <code>
/// var splits = DataSource.Open(BundledDataSets.Locate("copa")).Load(new SplitOptions { Seed = 1 });
/// </code>
/// </example>
internal sealed class DataSource
{
    private readonly string? _path;
    private readonly DataLayout _layout;
    private readonly SourceOptions _options;
    private readonly IReadOnlyDictionary<DataSplit, IReadOnlyList<Example>>? _rows;
    private readonly List<SplitFinding> _findings = [];

    private DataSource(string? path, DataLayout layout, SourceOptions options)
    {
        (_path, _layout, _options) = (path, layout, options);
        var given = options.SplitFiles;
        var own = path is null ? []
            : Directory.Exists(path) ? SplitFiles.Find(path, layout, _findings, [.. given.Keys])
            : new Dictionary<DataSplit, IReadOnlyList<string>> { [options.SingleFileSplit] = [path] };
        if (path is not null && File.Exists(path) && given.TryGetValue(options.SingleFileSplit, out var instead))
        {
            _findings.Add(new SplitFinding(
                SplitSurprise.UnreadFile, $"{path} is not read: the {options.SingleFileSplit.Name()} rows come from {instead}."));
        }


        Files = new OrderedDictionary<DataSplit, IReadOnlyList<string>>(
            own.Keys.Union(given.Keys).Order()
                .Select(split => KeyValuePair.Create(split, given.TryGetValue(split, out var file) ? [file] : own[split])));
    }

    private DataSource(IReadOnlyDictionary<DataSplit, IReadOnlyList<Example>> rows, DataLayout layout)
    {
        (_path, _layout, _options, _rows) = ("The data", layout, new SourceOptions(), rows);
        Files = new OrderedDictionary<DataSplit, IReadOnlyList<string>>();
    }

    /// <summary>The files of each existing split, in the order of their rows.</summary>
    public IReadOnlyDictionary<DataSplit, IReadOnlyList<string>> Files { get; }

    /// <summary>Whether files of single splits were given, so that two files may have one name.</summary>
    internal bool HasSplitFiles => _options.SplitFiles.Count > 0;

    /// <summary>The files that are passed over.</summary>
    public IReadOnlyList<SplitFinding> Findings => _findings;

    /// <summary>Finds the files without reading them.</summary>
    /// <param name="path">A folder or a file; null = the files of single splits alone.</param>
    /// <param name="layout">How the files and their rows are named; null = unchanged.</param>
    /// <param name="options">How files are read; default: UTF-8, and a single file is the training split.</param>
    /// <exception cref="DataException">A path does not exist, a file has an unknown extension, or two files fit one split.</exception>
    public static DataSource Open(string? path, DataLayout? layout = null, SourceOptions? options = null)
    {
        options ??= new SourceOptions();
        if (path is not null && !Path.Exists(path))
            throw DataException.NoSuchData(path, BundledDataSets.Names);
        if (path is not null && !Directory.Exists(path) && !ExampleFile.CanRead(path))
            throw DataException.UnknownKind(path, ExampleFile.Extensions);
        RequireFiles(options.SplitFiles);
        return new DataSource(path, layout ?? new DataLayout(), options);
    }

    /// <summary>Checks that the files of single splits exist and have a known extension.</summary>
    /// <param name="files">The files.</param>
    /// <exception cref="DataException">A file is missing, is a folder, or has an unknown extension.</exception>
    public static void RequireFiles(IReadOnlyDictionary<DataSplit, string> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        foreach (var (split, file) in files)
        {
            if (!File.Exists(file))
                throw DataException.NoSplitFile(file, split.Name());
            if (!ExampleFile.CanRead(file))
                throw DataException.UnknownKind(file, ExampleFile.Extensions);
        }
    }

    /// <summary>Rows in memory, selected like rows of files.</summary>
    /// <param name="rows">The rows of each existing split, numbered by position.</param>
    /// <param name="layout">How fields are renamed and rows are split.</param>
    internal static DataSource Of(IReadOnlyDictionary<DataSplit, IReadOnlyList<Example>> rows, DataLayout layout) => new(rows, layout);

    /// <summary>Whether the data itself has a split, before any rows are held out.</summary>
    internal bool Has(DataSplit split) => _rows?.ContainsKey(split) ?? Files.ContainsKey(split);

    /// <summary>The name of an existing split's rows in messages.</summary>
    private string NameOf(DataSplit split) => _rows is null ? string.Join(" and ", Files[split]) : $"The {split.Name()} split";

    /// <summary>Reads all rows of a split.</summary>
    /// <param name="split">The split.</param>
    /// <exception cref="DataException">The split does not exist or is empty, or a row is invalid.</exception>
    public IReadOnlyList<Example> Read(DataSplit split)
    {
        Example[] rows = [.. Stream(split)];
        return rows.Length > 0 ? rows : throw DataException.NoRows(NameOf(split));
    }

    /// <summary>Reads the rows of a split lazily.</summary>
    /// <param name="split">The split.</param>
    /// <exception cref="DataException">The split does not exist; while reading: a row is invalid.</exception>
    public IEnumerable<Example> Stream(DataSplit split)
    {
        if (_rows is not null)
            return _layout.Apply(_rows.GetValueOrDefault(split, []).Select((row, index) => row.Numbered(index)));
        if (!Files.TryGetValue(split, out var files))
        {
            var expected = SplitFiles.NamesOf(split, _layout).SelectMany(names => names);
            throw _path is null ? DataException.NoFileOf(split.Name(), Files.Values.SelectMany(given => given))
                : DataException.NoSplit(_path, split.Name(), expected, ExampleFile.Extensions);
        }

        var options = new ReadOptions { Encoding = _options.Encoding };
        return _layout.Apply(
            files.SelectMany(file => ExampleFile.ReadAsTheyStand(file, _layout.Columns, options)).Select((row, index) => row.Numbered(index)));
    }

    /// <summary>
    /// Reads and selects the rows of a run. Few-shot rows are selected first, from all training rows; without a validation file, validation rows
    /// are then held out of the rest.
    /// </summary>
    /// <param name="options">How rows are selected.</param>
    /// <param name="classOf">A row's class, to select rows per class; null = rows have no classes.</param>
    /// <param name="trains">Whether a row may be used for training; other rows only validate. Null = all rows may.</param>
    /// <param name="groupOf">The group of a row; its rows stay together when validation and test rows are selected. Null = no groups.</param>
    /// <exception cref="DataException">The train split does not exist, a split is empty, or a row is invalid.</exception>
    public DataSplits Load(
        SplitOptions options, Func<Example, string?>? classOf = null, Func<Example, bool>? trains = null, Func<Example, string?>? groupOf = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        classOf ??= _ => null;
        trains ??= _ => true;
        var (notes, findings) = (new List<string>(), new List<SplitFinding>(_findings));
        var all = Read(DataSplit.Train);
        IReadOnlyList<Example> train = [.. all.Where(trains)];
        if (options.FewShotPerClass is { } shots)
        {
            if (train.All(row => classOf(row) is null))
                notes.Add($"The training rows have no classes: {shots} rows in all are chosen.");
            var few = RowSelection.PerClass(train, shots, classOf, options.FewShotSeed, RandomPurpose.FewShot);
            findings.AddRange(SmallClasses(SplitSurprise.SmallTrainingClass, few.Notes, train.CountBy(row => classOf(row) ?? "")));
            train = few.Selected;
        }

        var labeled = Has(DataSplit.Validation) ? Read(DataSplit.Validation) : null;
        var validation = options.ValidationFromTrain ? null : labeled;
        if (validation is null && options.ValidationFraction > 0)
        {
            var isChosen = options.FewShotPerClass is null ? [] : train.ToHashSet();
            var groups = groupOf is null ? [] : isChosen.Select(groupOf).OfType<string>().ToHashSet();
            Example[] rest = [.. all.Where(row => !isChosen.Contains(row) && !(groupOf?.Invoke(row) is { } group && groups.Contains(group)))];
            var heldOut = RowSelection.HoldOut(rest, options.ValidationFraction, classOf, options.Seed, groupOf);
            if (options.FewShotPerClass is null)
                train = [.. heldOut.Rest.Where(trains)];
            validation = heldOut.Selected is { Count: > 0 } rows ? rows : null;
            var name = _path ?? NameOf(DataSplit.Train);
            if (validation is null)
                findings.Add(new SplitFinding(SplitSurprise.NothingHeldOut, $"{name} has too few rows to hold any out for validation."));
            else
            {
                notes.Add($"{name} has no validation split{(labeled is null ? "" : " besides the test split")}: "
                    + $"{validation.Count} of {all.Count} rows are held out for it.");
            }
        }

        if (train.Count == 0)
        {
            var source = _rows is null ? Files[DataSplit.Train][0] : NameOf(DataSplit.Train);
            throw DataException.NoRows($"{source}, after selecting the training rows,");
        }

        var test = labeled;
        if (options.ValidationFromTrain && labeled is not null)
            NoteUnreadTest("the validation split", notes);
        else
            (validation, test) = WithTest(validation, options, groupOf, notes);
        if (validation is not null && options.ValidationPerClass is { } limit)
        {
            var limited = RowSelection.PerClass(validation, limit, classOf, options.FewShotSeed, RandomPurpose.ValidationLimit, groupOf);
            findings.AddRange(SmallClasses(SplitSurprise.SmallValidationClass, limited.Notes,
                groupOf is null ? validation.CountBy(row => classOf(row) ?? "") : validation.Select(groupOf).Distinct().CountBy(_ => "")));
            validation = limited.Selected;
        }

        var origins = new Dictionary<DataSplit, SplitOrigin> { [DataSplit.Train] = new(SplitOriginKind.Own, DataSplit.Train, all.Count) };
        var isHalved = options is { TestFromValidation: true };
        var isHeldOut = options.ValidationFromTrain || labeled is null;
        if (validation is not null)
        {
            origins[DataSplit.Validation] = isHeldOut
                ? new SplitOrigin(SplitOriginKind.HeldOut, DataSplit.Train, all.Count)
                : new SplitOrigin(isHalved ? SplitOriginKind.Half : SplitOriginKind.Own, DataSplit.Validation, labeled!.Count);
        }

        if (test is not null)
        {
            origins[DataSplit.Test] = isHalved
                ? new SplitOrigin(SplitOriginKind.Half, isHeldOut ? DataSplit.Train : DataSplit.Validation, isHeldOut ? all.Count : labeled!.Count)
                : new SplitOrigin(SplitOriginKind.Own, ReferenceEquals(test, labeled) ? DataSplit.Validation : DataSplit.Test, test.Count);
        }

        return new DataSplits { Train = train, Validation = validation, Test = test, Origins = origins, Notes = notes, Findings = findings };
    }

    private (IReadOnlyList<Example>? Validation, IReadOnlyList<Example>? Test) WithTest(
        IReadOnlyList<Example>? validation, SplitOptions options, Func<Example, string?>? groupOf, List<string> notes)
    {
        if (!options.TestFromValidation)
            return (validation, Has(DataSplit.Test) ? Read(DataSplit.Test) : null);
        if (validation is not { Count: > 1 })
            throw DataException.TooFewToHalve(validation?.Count ?? 0);
        NoteUnreadTest("half of the validation split", notes);
        var halves = RowSelection.Halve(validation, options.HalvingSeed, groupOf);
        return (halves.Selected, halves.Rest);
    }

    private void NoteUnreadTest(string instead, List<string> notes)
    {
        if (Has(DataSplit.Test))
            notes.Add($"{(_rows is null ? Files[DataSplit.Test][0] : NameOf(DataSplit.Test))} is not read: the test split is {instead}.");
    }

    /// <summary>One finding for all classes that are too small: there may be hundreds.</summary>
    private static IEnumerable<SplitFinding> SmallClasses(
        SplitSurprise surprise, IReadOnlyList<string> notes, IEnumerable<KeyValuePair<string, int>> sizes) => notes.Count == 0 ? [] :
        [new SplitFinding(
            surprise,
            notes.Count <= 2 ? string.Join(' ', notes) : $"{notes[0]} {notes.Count - 1} more classes are too small as well.",
            sizes.Min(size => size.Value))];
}

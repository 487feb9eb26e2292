namespace ResidualPrompts.Predictions;

/// <summary>The progress of a prediction file.</summary>
/// <param name="RowCount">Rows written to the output.</param>
/// <param name="BadRowCount">Rows written to the file of bad rows.</param>
/// <param name="ResumedRowCount">Of these, rows that an earlier process wrote.</param>
/// <param name="Fraction">Fraction of the input read so far, 0 to 1.</param>
public sealed record PredictionProgress(long RowCount, long BadRowCount, long ResumedRowCount, double Fraction);

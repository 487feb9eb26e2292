namespace ResidualPrompts.Predictions;

/// <summary>How far a file of predictions is.</summary>
/// <param name="RowCount">Rows that are written.</param>
/// <param name="BadRowCount">Rows that are written aside.</param>
/// <param name="ResumedRowCount">Rows of these that an earlier process wrote.</param>
/// <param name="Fraction">The part of the input that is read, 0 to 1.</param>
public sealed record PredictionProgress(long RowCount, long BadRowCount, long ResumedRowCount, double Fraction);

namespace ResidualPrompts.Data.Splits;

/// <summary>Rows divided in two, each part in the order in which its rows came.</summary>
/// <param name="Selected">The chosen rows.</param>
/// <param name="Rest">The other rows.</param>
/// <param name="Notes">What was not as asked for, one sentence each.</param>
public sealed record SelectedRows(IReadOnlyList<Example> Selected, IReadOnlyList<Example> Rest, IReadOnlyList<string> Notes);

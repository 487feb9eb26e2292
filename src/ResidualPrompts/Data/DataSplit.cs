namespace ResidualPrompts.Data;

/// <summary>The parts of a data set.</summary>
public enum DataSplit
{
    /// <summary>Rows to train on.</summary>
    Train,

    /// <summary>Rows that select the best prompt.</summary>
    Validation,

    /// <summary>Rows that select nothing.</summary>
    Test,
}

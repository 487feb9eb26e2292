namespace ResidualPrompts.Runs.Settings;

/// <summary>How a prompt is reparameterized while it trains.</summary>
public enum Reparameterization
{
    /// <summary>Not at all: prompt tuning.</summary>
    None,

    /// <summary>A two-layer network: residual prompt tuning.</summary>
    Mlp,

    /// <summary>Two such networks, one after the other.</summary>
    Mlp2,

    /// <summary>One such network, passed twice.</summary>
    Mlp2Tied,

    /// <summary>A bidirectional LSTM of two layers with a head of two linear layers.</summary>
    Lstm,

    /// <summary>A bidirectional LSTM of one layer.</summary>
    Lstm1,

    /// <summary>A bidirectional LSTM of two layers.</summary>
    Lstm2,

    /// <summary>A transformer encoder of two layers.</summary>
    Transformer,
}

/// <summary>What trains.</summary>
public enum TuningMethod
{
    /// <summary>A prompt before a frozen T5.</summary>
    Prompt,

    /// <summary>All weights of the T5, without a prompt.</summary>
    Full,
}

/// <summary>Which state of the training is released.</summary>
public enum ReleasedState
{
    /// <summary>The one of the best validation.</summary>
    Best,

    /// <summary>The last one.</summary>
    Last,
}

/// <summary>How parameters are updated.</summary>
public enum OptimizerKind
{
    /// <summary>AdamW by the rule of the original.</summary>
    OriginalAdamw,

    /// <summary>AdamW by torch's rule.</summary>
    Adamw,

    /// <summary>Adafactor as Lester et al. use it.</summary>
    Adafactor,
}

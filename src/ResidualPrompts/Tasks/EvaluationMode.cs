namespace ResidualPrompts.Tasks;

/// <summary>How an answer is obtained from T5.</summary>
public enum EvaluationMode
{
    /// <summary>The label word with the highest log-probability. Every answer is a label.</summary>
    Labels,

    /// <summary>The text that T5 writes, judged by the task. It may not be a label.</summary>
    Generate,
}

using System.Security.Cryptography;
using System.Text.Json;
using ResidualPrompts.Backbones;
using ResidualPrompts.Batching;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Runs.Baselines;

/// <summary>
/// A digest of everything that the score of an untuned model depends on. The rows count as what they have become: the token ids of their texts, in
/// which the template, the input length and the tokenizer have done their part, and their answers.
/// </summary>
internal static class UntunedKey
{
    /// <summary>The digest, in hexadecimal digits.</summary>
    /// <param name="backbone">The untuned model.</param>
    /// <param name="answers">The possible answers.</param>
    /// <param name="task">The task; null for rows of token ids.</param>
    /// <param name="split">The encoded rows.</param>
    internal static string Of(Backbone backbone, AnswerSpace answers, TaskDefinition? task, EncodedSplit split)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(params object?[] parts) => digest.AppendData([.. JsonSerializer.SerializeToUtf8Bytes(parts), (byte)'\n']);
        var model = backbone.Model;
        Add(typeof(Backbone).Module.ModuleVersionId, typeof(UntunedKey).Module.ModuleVersionId);
        Add(RunProvenance.DigestsOf(backbone).OrderBy(file => file.Key, StringComparer.Ordinal).Select(file => new[] { file.Key, file.Value }));
        Add(backbone.HasTokenizer ? backbone.Tokenizer.Digest : null);
        Add(model.ProductKernel, model.DescribeCompute().OrderBy(part => part.Key, StringComparer.Ordinal), model.UsesInt8, model.Mode);
        Add(answers.Kind, answers.MaxNewTokens, answers.Outcomes, answers.LabelIds, answers.Metrics.Key);
        Add(task?.AnswerRule, task?.Labels?.ToString());
        foreach (var (i, example) in split.Examples.Index())
        {
            var read = split.Read(i);
            Add(example.InputIds, example.CandidateIds, read.Index, read.TargetText, read.Reference, read.Answers, read.Candidates, read.Group);
        }

        return Convert.ToHexStringLower(digest.GetHashAndReset());
    }
}

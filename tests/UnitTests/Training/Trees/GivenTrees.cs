using System.Text;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Mlops.Training.Checkpoints;

namespace Mlops.UnitTests.Training.Trees;

/// <summary>Specs of trees, and what LightGBM itself knows of them.</summary>
internal static class GivenTrees
{
    public static PipelineSpec Classifier(string target = "class", BoostedTreesSpec? trees = null) => Grown(Given.Classification(target), trees);

    public static PipelineSpec Regressor(BoostedTreesSpec? trees = null, params string[] targets) => Grown(Given.Regression(targets), trees);

    /// <summary>The rows of a sample data set, as the spec reads them.</summary>
    public static Table Sample(string name, PipelineSpec spec)
    {
        using var stream = File.OpenRead(Path.Combine(Repository.Root, "services/Standalone/Samples", $"{name}.csv"));
        return CsvTable.Read(stream, CsvOptions.For(spec), Xunit.TestContext.Current.CancellationToken);
    }

    /// <summary>LightGBM's text of a training's trees, a model for each target.</summary>
    /// <remarks>A checkpoint has it; after the last round there is none, so that one more round is grown for it.</remarks>
    public static IReadOnlyList<string> Texts(PipelineSpec spec, Table table)
    {
        var trees = (BoostedTreesSpec)spec.Model;
        var checkpoints = new List<TrainingCheckpoint>();
        using var _ = Given.Train(spec with { Model = trees with { Trees = trees.Trees + 1 } }, table, checkpointing: Every(checkpoints));
        return [.. CheckpointFile.TensorsOf(checkpoints[^1].Header, checkpoints[^1].Content).Values.Select(text => Encoding.UTF8.GetString(text.Span))];
    }

    public static Checkpointing Every(List<TrainingCheckpoint> checkpoints, TrainingCheckpoint? from = null) =>
        new() { Save = checkpoints.Add, ResumeFrom = from, MinimumInterval = TimeSpan.Zero, Share = 1 };

    private static PipelineSpec Grown(PipelineSpec spec, BoostedTreesSpec? trees) => spec with { Model = trees ?? new BoostedTreesSpec { Trees = 40 } };
}

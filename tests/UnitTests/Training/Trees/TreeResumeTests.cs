using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Mlops.Training;
using Mlops.Training.Checkpoints;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Training.Trees;

/// <summary>Trees that are grown on after a kill are those that were never disturbed.</summary>
[Collection(TrainingCollection.Name)]
public sealed class TreeResumeTests
{
    private static readonly BoostedTreesSpec Trees = new() { Trees = 40, MinRowsInLeaf = 5, Leaves = 8 };

    private static readonly Dictionary<string, (PipelineSpec Spec, Table Train, Table? Validation)> Cases = new()
    {
        ["classes with early stopping"] = (TreeGrowingTests.Stopping(GivenTrees.Classifier("species", Trees), 5), Given.Mixed(150, seed: 3), Given.Mixed(60, seed: 9)),
        ["chance"] = (GivenTrees.Classifier("species", TreeGrowingTests.Chance), Given.Mixed(150, seed: 3), null),
        ["chance that takes little"] = (GivenTrees.Classifier("species", TreeGrowingTests.Chance with { BaggingFraction = 0.3, FeatureFraction = 0.2 }), Given.Mixed(150, seed: 3), null),
        ["two weighted classes"] = (
            GivenTrees.Classifier("side", Trees) with { Loss = new CrossEntropyLossSpec { ClassWeights = new ClassWeightsSpec { Balanced = true } } },
            new Table([.. Numbers.Columns.Where(column => column.Name != "y0" && column.Name != "y1"), Given.Texts("side", [.. Side])]),
            null),
        ["median"] = (GivenTrees.Regressor(Trees, "y0") with { Loss = new MaeLossSpec() }, Numbers, null),
        // y1 follows from x0 alone: its ensemble ends when another feature is drawn, and does not begin again when x0 is.
        ["an ensemble that has ended"] = (GivenTrees.Regressor(TreeGrowingTests.Chance with { FeatureFraction = 0.34, BaggingFraction = 1, MinGain = 20 }, "y0", "y1"), Numbers, null),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    private static double[] Values => Oracle.Normals(1, 450);

    private static IEnumerable<string> Side => Enumerable.Range(0, 150).Select(row => Values[row * 3] + Values[(row * 3) + 1] > 0.7 ? "a" : "b");

    private static Table Numbers => Given.Matrices(150, (Values, 3), ([.. Enumerable.Range(0, 150).SelectMany(row => new[] { Values[row * 3] + Values[(row * 3) + 1] + Values[(row * 3) + 2], Values[row * 3] > 0 ? 1 : 0 })], 2));

    [Theory]
    [MemberData(nameof(Names))]
    public void Resume_AfterAnyCheckpoint_EndsInTheSameBits(string name)
    {
        var whole = Run(name);

        // After the last round there is one where a further round was tried and found nothing to split.
        whole.Checkpoints.Select(checkpoint => checkpoint.Epoch).ShouldBe(Enumerable.Range(1, name == "an ensemble that has ended" ? whole.Reports.Count : whole.Reports.Count - 1));
        whole.Checkpoints.Count.ShouldBeGreaterThan(10);
        foreach (var from in new[] { 0, 1, whole.Checkpoints.Count / 2, whole.Checkpoints.Count - 1 }.Select(index => whole.Checkpoints[index]))
        {
            var resumed = Run(name, TrainingCheckpoint.Read(from.Content.ToArray()));

            resumed.Onnx.ShouldBe(whole.Onnx, $"after round {from.Epoch}");
            resumed.Reports.Select(Timeless).ShouldBe(whole.Reports.Skip(from.Epoch).Select(Timeless));
        }
    }

    [Fact]
    public void Resume_OfANetworksCheckpoint_IsRefused()
    {
        var checkpoints = new List<TrainingCheckpoint>();
        using (Given.Train(Given.Classification("species"), Given.Mixed(100, seed: 3), checkpointing: GivenTrees.Every(checkpoints)))
        {
        }

        Should.Throw<Fault>(() => Given.Train(GivenTrees.Classifier("species"), Given.Mixed(100, seed: 3), checkpointing: GivenTrees.Every([], checkpoints[0])))
            .Problems.Select(problem => problem.Field).ShouldBe(["checkpoint.spec", "checkpoint.backend"]);
    }

    private static (byte[] Onnx, List<EpochReport> Reports, List<TrainingCheckpoint> Checkpoints) Run(string name, TrainingCheckpoint? from = null)
    {
        var (spec, train, validation) = Cases[name];
        var reports = new List<EpochReport>();
        var checkpoints = new List<TrainingCheckpoint>();
        using var model = Given.Train(spec, train, validation, reports.Add, checkpointing: GivenTrees.Every(checkpoints, from));
        return (model.ToOnnx(), reports, checkpoints);
    }

    private static EpochReport Timeless(EpochReport report) => report with { Elapsed = default };
}

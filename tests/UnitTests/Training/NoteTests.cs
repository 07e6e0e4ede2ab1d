using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Training;

/// <summary>What a training does with columns that tell nothing: it learns from the others, says so, and never counts with NaN.</summary>
[Collection(TrainingCollection.Name)]
public sealed class NoteTests
{
    private const string Tail = ": every training row has the same value, which tells a model nothing; \"ignore\" under columns leaves it out";

    private static readonly Table Rows = new(
    [
        Given.Numbers("number", [.. Enumerable.Repeat(7.3, 60)]),
        Given.Numbers("holes", [.. Enumerable.Range(0, 60).Select(row => row % 4 == 0 ? double.NaN : 2)]),
        Given.Texts("text", [.. Enumerable.Repeat("same", 60)]),
        Given.Texts("absent", [.. Enumerable.Range(0, 60).Select(row => row < 40 ? null : "later")]),
        Given.Numbers("x", Oracle.Normals(1, 60)),
        Given.Texts("class", [.. Oracle.Normals(1, 60).Select(value => value > 0 ? "up" : "down")]),
    ]);

    [Theory]
    [InlineData(Scaling.Standard, false, false)]
    [InlineData(Scaling.MinMax, false, false)]
    [InlineData(Scaling.Robust, false, true)]
    [InlineData(Scaling.Quantile, false, false)]
    [InlineData(Scaling.Quantile, true, true)]
    [InlineData(Scaling.None, true, false)]
    public void Train_ConstantColumns_AreToldAndNeverNaN(Scaling scaling, bool indicator, bool log)
    {
        var spec = Given.Classification() with { Preprocessing = new PreprocessingSpec { Numeric = scaling, MissingIndicator = indicator, Columns = new Dictionary<string, ColumnPreprocessingSpec> { ["number"] = new() { Log = log } } } };

        using var model = Given.Train(spec, Rows.Select([.. Enumerable.Range(0, 40)]), Rows.Select([.. Enumerable.Range(40, 20)]));

        string[] constant = indicator ? ["number", "text", "absent"] : ["number", "holes", "text", "absent"];
        model.Notes.ShouldBe(constant.Select(name => name + Tail));
        double.IsFinite(model.Kept.ValidationLoss!.Value).ShouldBeTrue();
        model.Predict(Rows).ShouldAllBe(value => float.IsFinite(value));
        model.ShouldAgreeWithOnnx(Rows);
    }

    [Fact]
    public void Train_ThePickAndTrees_TellThemToo()
    {
        using var picked = Given.Train(Given.Classification() with { Model = new AutoModelSpec() }, Rows.Select([.. Enumerable.Range(0, 40)]), Rows.Select([.. Enumerable.Range(40, 20)]));
        using var trees = Given.Train(Given.Classification() with { Model = new BoostedTreesSpec { Trees = 3 } }, Rows.Select([.. Enumerable.Range(0, 40)]));

        picked.Notes.ShouldContain("number" + Tail);
        trees.Notes.ShouldContain("number" + Tail);
    }

    [Fact]
    public void Train_GivenNotes_JoinTheModels()
    {
        using var model = new Mlops.Training.ModelTrainer(TimeProvider.System).Train(
            new Mlops.Training.TrainingInput { Spec = Given.Regression("x") with { Columns = new Dictionary<string, ColumnUse> { ["number"] = ColumnUse.Ignore, ["holes"] = ColumnUse.Ignore, ["text"] = ColumnUse.Ignore, ["absent"] = ColumnUse.Ignore } }, Train = Rows, Validation = Rows.Select([]), Notes = ["so it is"] },
            progress: null, TestContext.Current.CancellationToken);

        model.Notes.ShouldBe(["so it is"]);
    }
}

using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Tabular;

/// <summary>A class that no training row has ends a run before it begins; one that another part lacks is told.</summary>
public sealed class SplitClassesTests
{
    private static readonly PipelineSpec Spec = PipelineSpec.Parse("""{ "task": "classification", "target": "y", "split": { "stratify": false } }""", "n");

    // The fourth class has one row, the last.
    private static readonly Table Rows = Csv.Read("x,y\n" + string.Concat(Enumerable.Range(0, 21).Select(row => $"{row},{(row == 20 ? "d" : "abc"[row % 3].ToString())}\n")), CsvOptions.For(Spec));

    [Fact]
    public void Check_ClassThatNoTrainingRowHas_IsNamed()
    {
        Should.Throw<Fault>(() => SplitClasses.Check(Spec, Rows, SplitOf(row => row < 14 ? SplitPart.Train : row < 17 ? SplitPart.Validation : SplitPart.Test))).Message
            .ShouldBe("y: no training row has the class 'd'; every class in at least one is accepted: split.stratify true, another split.seed, or more rows of it");
        Should.Throw<Fault>(() => SplitClasses.Check(Spec with { Split = new SplitSpec { Time = "x" } }, Rows, SplitOf(row => row < 14 ? SplitPart.Train : SplitPart.Test))).Message
            .ShouldEndWith("every class in at least one is accepted: a larger split.train, or more rows of it");
        Should.NotThrow(() => SplitClasses.Check(Spec, Rows, SplitOf(row => row >= 14 ? SplitPart.Train : SplitPart.Test)));
        Should.NotThrow(() => SplitClasses.Check(Spec with { Task = TaskKind.Regression, Target = ["x"] }, Rows, SplitOf(_ => SplitPart.Test)));
    }

    [Fact]
    public void Notes_ClassesThatTheOtherPartsLack_AreNamed()
    {
        SplitClasses.NotesOf(Spec, Rows.Select([0, 1]), Rows.Select([2, 20])).ShouldBe(
        [
            "y: no validation row has the class 'c', 'd', so that early stopping and the choice of an architecture do not look at it",
            "y: no test row has the class 'a', 'b', so that the evaluation does not tell how well it is predicted",
        ]);
        SplitClasses.NotesOf(Spec, Rows.Select([]), Rows).ShouldBeEmpty();
        SplitClasses.NotesOf(Spec with { Task = TaskKind.Regression, Target = ["x"] }, Rows.Select([0]), Rows.Select([1])).ShouldBeEmpty();
    }

    private static RowSplit SplitOf(Func<int, SplitPart> part) => RowSplit.FromBytes([.. Enumerable.Range(0, Rows.Rows).Select(row => (byte)part(row))]);
}

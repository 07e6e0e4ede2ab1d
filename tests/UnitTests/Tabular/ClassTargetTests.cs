using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Tabular;

public sealed class ClassTargetTests
{
    [Fact]
    public void Of_Texts_SortsByOrdinal()
    {
        var target = ClassTarget.Of(Csv.Read("y,x\nb,1\nB,1\n10,1\n9,1\n,1\n")["y"]);

        target.Classes.ShouldBe(["10", "9", "B", "b"]);
        target.Codes.ToArray().ShouldBe([3, 2, 0, 1, -1]);
        target.Counts().ShouldBe([1, 1, 1, 1]);
    }

    [Fact]
    public void Of_NumbersReadAsTexts_SortsByNumberAndKeepsTheTexts()
    {
        var target = ClassTarget.Of(Csv.Read("y,x\n10,1\n9,1\n-1,1\n9.0,1\n10,1\n", ("y", ColumnUse.Categorical))["y"]);

        target.Classes.ShouldBe(["-1", "9", "9.0", "10"]);
        target.Codes.ToArray().ShouldBe([3, 1, 0, 2, 3]);
        target.Counts().ShouldBe([1, 1, 1, 2]);
    }

    [Fact]
    public void Of_NumericColumn_WritesNumbersInvariantly()
    {
        var target = ClassTarget.Of(Csv.Read("y,x\n3.0,1\n20,1\n,1\n0.5,1\n3,1\n")["y"]);

        target.Classes.ShouldBe(["0.5", "3", "20"]);
        target.Codes.ToArray().ShouldBe([1, 2, -1, 0, 1]);
    }

    [Fact]
    public void Of_SelectedRows_KeepsAllClasses()
    {
        var table = Csv.Read("y,x\na,1\nb,1\nc,1\n").Select([2, 0]);

        ClassTarget.Of(table["y"]).Classes.ShouldBe(["a", "b", "c"]);
        ClassTarget.Of(table["y"]).Counts().ShouldBe([1, 0, 1]);
    }
}

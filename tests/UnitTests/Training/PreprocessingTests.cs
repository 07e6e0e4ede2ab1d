using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Mlops.Training.Features;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Training;

public sealed class PreprocessingTests
{
    private static readonly Table Penguins = new(
    [
        Given.Numbers("length", 1, double.NaN, 3, 8),
        Given.Texts("island", "b", null, "a", "b"),
        Given.Numbers("same", 0.1, 0.1, 0.1, 0.1),
        Given.Texts("class", "x", "y", "x", "y"),
    ]);

    [Fact]
    public void Fit_NumbersWithMissing_TakesMeanAndPopulationDeviationOfTheRest()
    {
        var fitted = Preprocessing.Fit(Penguins, Given.Classification());

        fitted.Columns.ShouldBe(["length", "island", "same"]);
        var length = fitted.Numbers.Features[0];
        (length.Fill, length.Center).ShouldBe((4, 4)); // (1 + 3 + 8) / 3
        length.Scale.ShouldBe((float)Math.Sqrt(26.0 / 3)); // (9 + 1 + 16) / 3
        fitted.Numbers.Features[1].Scale.ShouldBe(1); // constant
    }

    [Fact]
    public void Encode_MissingRareAndUnseen_BecomeMeanAndIndicators()
    {
        var fitted = Preprocessing.Fit(Penguins, Given.Classification());
        var rows = new Table([Given.Texts("island", "a", null, "elsewhere"), Given.Numbers("same", 1.1, 0.1, 0.1), Given.Numbers("length", 4, double.NaN, 4)]);

        // length, same, whether length is missing, then island: b, missing, rare; a is rare, and so is what was never seen.
        fitted.Width.ShouldBe(6);
        fitted.Encode(rows).ShouldBe([0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1], 1e-6);
    }

    [Fact]
    public void Encode_MissingTextThatTrainingNeverSaw_SetsNoIndicator()
    {
        var train = new Table([Given.Texts("island", "a", "b"), Given.Texts("class", "x", "y")]);
        var fitted = Preprocessing.Fit(train, Given.Classification() with { Preprocessing = new PreprocessingSpec { MinCount = 1 } });

        fitted.Encode(new Table([Given.Texts("island", null, "b")])).ShouldBe([0, 0, 0, 1]);
    }

    [Fact]
    public void Encode_MoreRowsThanAtOnce_WritesWhatAFewRowsGive()
    {
        var rows = Given.Mixed(20_000, seed: 3);
        var fitted = Preprocessing.Fit(rows, Given.Classification("species"));

        fitted.Encode(rows).ShouldBe(rows.Blocks(999).SelectMany(fitted.Encode));
    }

    [Fact]
    public void Encode_WithoutScaling_ImputesOnly()
    {
        var spec = Given.Classification() with { Preprocessing = new PreprocessingSpec { Numeric = Scaling.None, MinCount = 1, MissingIndicator = false } };

        Preprocessing.Fit(Penguins.Select([0, 1, 2, 3]), spec).Encode(Penguins.Select([1, 3]))
            .ShouldBe([4, 0.1f, 0, 0, 1, 8, 0.1f, 0, 1, 0]);
    }

    [Fact]
    public void Fit_LevelOnlyOutsideTheTrainingRows_GetsNoIndicator()
    {
        var island = Preprocessing.Fit(Penguins.Select([0, 3]), Given.Classification()).Features[1].ShouldBeOfType<OneHotFeature>();

        island.Levels.ShouldBe(["b"]);
        (island.HasMissing, island.HasRare).ShouldBe((false, false));
    }

    [Fact]
    public void Fit_IgnoredColumn_IsNoFeature()
    {
        var spec = Given.Classification() with { Columns = new Dictionary<string, ColumnUse> { ["island"] = ColumnUse.Ignore } };

        Preprocessing.Fit(Penguins, spec).Columns.ShouldBe(["length", "same"]);
    }

    [Fact]
    public void Fit_RegressionTargets_AreStandardisedByTheTrainingRows()
    {
        var table = new Table([Given.Numbers("x", 1, 2), Given.Numbers("y", 10, 30), Given.Numbers("z", 5, 5)]);
        var target = Preprocessing.Fit(table, Given.Regression("y", "z")).Target.ShouldBeOfType<NumericEncoding>();

        target.Encode(table).ShouldBe([-1, 0, 1, 0]); // mean 20, deviation 10; constant
    }

    [Fact]
    public void Fit_UnusableColumns_AreAllNamed()
    {
        var table = new Table(
        [
            Given.Numbers("empty", double.NaN, double.NaN),
            Given.Numbers("huge", 1, 1e300),
            Given.Texts("class", "x", "x"),
        ]);

        var fault = Should.Throw<Fault>(() => Preprocessing.Fit(table, Given.Classification()));
        fault.Kind.ShouldBe(FaultKind.Invalid);
        fault.Problems.Select(problem => problem.Field).ShouldBe(["empty", "huge", "class"]);
        fault.Message.ShouldBe(
            "empty: every value in the training rows is missing; a column with values is accepted, or \"ignore\" under columns; "
            + "huge: 1E+300 is too large; numbers from -3.4028235E+38 to 3.4028235E+38 are accepted; "
            + "class: there is only the class 'x'; at least two are accepted");
    }

    [Fact]
    public void Fit_ClassWithoutTrainingRow_IsNamed() =>
        Should.Throw<Fault>(() => Preprocessing.Fit(Penguins.Select([0, 2]), Given.Classification()))
            .Message.ShouldStartWith("class: no training row has the class 'y'");

    [Fact]
    public void Fit_TargetOfTheOtherType_Faults()
    {
        Should.Throw<Fault>(() => Preprocessing.Fit(Penguins, Given.Classification("same"))).Problems[0].Field.ShouldBe("same");
        Should.Throw<Fault>(() => Preprocessing.Fit(Penguins, Given.Regression("class"))).Problems[0].Field.ShouldBe("class");
        Should.Throw<Fault>(() => Preprocessing.Fit(Penguins, Given.Regression("length"))).Message.ShouldStartWith("length: the target is missing in a row");
        Should.Throw<Fault>(() => Preprocessing.Fit(Penguins, Given.Classification("island"))).Message.ShouldStartWith("island: the class is missing in a row");
    }

    [Fact]
    public void Fit_NoRowsOrNoFeatures_Faults()
    {
        Should.Throw<Fault>(() => Preprocessing.Fit(Penguins.Select([]), Given.Classification())).Problems[0].Field.ShouldBe("split.train");
        Should.Throw<Fault>(() => Preprocessing.Fit(new Table([Penguins["class"]]), Given.Classification())).Problems[0].Field.ShouldBe("columns");
    }

    [Fact]
    public void Fit_TextFeatureNamedAsAnOutput_Faults()
    {
        var table = new Table([Given.Texts("label", "a", "b"), Given.Texts("class", "x", "y")]);

        Should.Throw<Fault>(() => Preprocessing.Fit(table, Given.Classification())).Message.ShouldStartWith("label: this is the name of a model's output");
    }

    [Fact]
    public void Encode_ColumnMissingOrOfTheOtherType_Faults()
    {
        var fitted = Preprocessing.Fit(Penguins, Given.Classification());

        Should.Throw<Fault>(() => fitted.Encode(new Table([Given.Numbers("length", 1)]))).Problems[0].Field.ShouldBe("island");
        Should.Throw<Fault>(() => fitted.Encode(new Table([Given.Texts("length", "1"), Given.Texts("island", "a"), Given.Numbers("same", 1)])))
            .Message.ShouldStartWith("length: the model was trained on a column of numbers");
    }
}
